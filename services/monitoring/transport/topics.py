"""Which topic stands behind a name: its id changes when it is deleted and made again, or Kafka is wiped."""

import time

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

EVERY = 1.0
"""Seconds between two looks."""


class NoTopic(KafkaError):  # type: ignore[misc]  # kafka-python carries no types
    """Nobody has made it yet."""


class MadeAnew(KafkaError):  # type: ignore[misc]  # kafka-python carries no types
    """The name stands for another topic than before: what was sent to the old one is not in it."""


class Topic:
    """A topic as it was found; raises NoTopic, or any KafkaError while Kafka does not answer."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.name = name
        self._admin = KafkaAdminClient(
            bootstrap_servers=bootstrap, reconnect_backoff_max_ms=500, request_timeout_ms=5_000
        )
        try:
            self.id, self.partitions = self._described()
        except BaseException:
            self._admin.close()
            raise
        self._looked = time.monotonic()

    def look(self) -> None:
        """Asks Kafka once a second at most; raises MadeAnew if it is another topic now."""
        if time.monotonic() - self._looked < EVERY:
            return
        now, _ = self._described()
        if now != self.id:
            raise MadeAnew
        self._looked = time.monotonic()

    def close(self) -> None:
        self._admin.close()

    def _described(self) -> tuple[str, list[int]]:
        (found,) = self._admin.describe_topics([self.name])
        partitions = sorted(int(one["partition_index"]) for one in found["partitions"])
        if found["error_code"] or not partitions:
            raise NoTopic
        return str(found["topic_id"]), partitions
