"""Facts and watermarks onto Kafka: makes the topics where they are missing, and checks every single send."""

import time
from collections.abc import Iterable
from typing import Any

import msgspec
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError, TopicAlreadyExistsError, UnknownTopicOrPartitionError

from services.course.application import LogEntry
from shared.contracts.v1.cloudevents import PARTITIONS, TOPIC, Message, fact_message, watermark_message
from shared.contracts.v1.feed import Watermark

SECONDS_TO_SEND = 20
LOOK_EVERY = 0.5
"""Seconds between two looks whether the topics are still those that were made."""
_KEPT_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1"}
TOPICS: dict[str, dict[str, str]] = {
    TOPIC: _KEPT_FOR_EVER,
    "coursewatch.monitoring.obligation-changes.v1": _KEPT_FOR_EVER,
    "coursewatch.monitoring.treatment-obligations.v1": {"cleanup.policy": "compact"},
}


class WrongPartitions(KafkaError):  # type: ignore[misc]  # kafka-python carries no types
    """The topic has another number of partitions: a treatment's facts would be torn apart."""


class MadeAnew(KafkaError):  # type: ignore[misc]  # kafka-python carries no types
    """The topic is another one than this relay filled, so what was sent before is not in it; or one of ours is gone."""


def make_topics(bootstrap: str) -> str:
    """Makes what is missing and returns the id of the events' topic, which changes when the topic is made anew."""
    admin = _admin(bootstrap)
    try:
        present = set(admin.list_topics())
        # -1 leaves the number of copies to the cluster.
        missing = {
            name: {"num_partitions": PARTITIONS, "replication_factor": -1, "configs": configs}
            for name, configs in TOPICS.items()
            if name not in present
        }
        try:
            if missing:
                admin.create_topics(missing, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            pass  # another relay was quicker
        events = _described(admin)[TOPIC]
    finally:
        admin.close()
    if len(events["partitions"]) != PARTITIONS:
        raise WrongPartitions
    return str(events["topic_id"])


def last_position(bootstrap: str) -> int:
    """The highest position of the log that the newest records of the topic speak of; 0 while it is empty."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, reconnect_backoff_max_ms=500, request_timeout_ms=5_000
    )
    try:
        partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        ends = consumer.end_offsets(partitions)
        awaited = {one for one in partitions if ends[one]}
        consumer.assign(list(awaited))
        for one in awaited:
            consumer.seek(one, ends[one] - 1)
        newest, until = 0, time.monotonic() + SECONDS_TO_SEND
        while awaited and time.monotonic() < until:
            for partition, records in consumer.poll(timeout_ms=500).items():
                awaited.discard(partition)
                newest = max(newest, *map(_position, records))
        return newest
    finally:
        consumer.close(autocommit=False)


def _position(record: Any) -> int:
    try:
        return msgspec.json.decode(record.value or b"", type=_Positioned).position
    except msgspec.DecodeError:
        return 0  # not ours: somebody else wrote into the topic


class _Positioned(msgspec.Struct):
    position: int


def _admin(bootstrap: str) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=bootstrap, reconnect_backoff_max_ms=500, request_timeout_ms=5_000)


def _described(admin: KafkaAdminClient) -> dict[str, dict[str, Any]]:
    """Each topic of ours, by name."""
    return {str(found["name"]): found for found in admin.describe_topics(list(TOPICS))}


class Publisher:
    """Sends and waits until Kafka has acknowledged all of it; raises KafkaError for the first that failed.

    `topic_id` is what `make_topics` returned. Kafka-python names no topic by its id when it sends, so what is on its
    way while a topic is made anew may reach the new one. Hence it looks before it sends, while it waits, and always
    before it vouches for what it sent.
    """

    def __init__(self, bootstrap: str, topic_id: str) -> None:
        self._topic_id = topic_id
        self._looked = 0.0
        self._admin = _admin(bootstrap)
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_block_ms=5_000,
            request_timeout_ms=5_000,
            delivery_timeout_ms=15_000,
            reconnect_backoff_max_ms=500,
        )

    def facts(self, entries: Iterable[LogEntry]) -> None:
        if time.monotonic() - self._looked > LOOK_EVERY:
            self._look()
        self._send((fact_message(entry.item, entry.traceparent), None) for entry in entries)

    def watermark(self, mark: Watermark) -> None:
        """To every partition; the facts up to it must have been sent, and be in the topic that is there now."""
        self._look()
        message = watermark_message(mark)
        self._send((message, partition) for partition in range(PARTITIONS))

    def close(self) -> None:
        self._admin.close()
        self._producer.close(timeout=5)

    def _look(self) -> None:
        found = _described(self._admin)
        gone = any(one["error_code"] == UnknownTopicOrPartitionError.errno for one in found.values())
        events = found[TOPIC]
        if gone or (not events["error_code"] and str(events["topic_id"]) != self._topic_id):
            raise MadeAnew
        self._looked = time.monotonic()

    def _send(self, messages: Iterable[tuple[Message, int | None]]) -> None:
        sent = [
            self._producer.send(TOPIC, key=key, value=value, headers=headers, partition=partition)
            for (key, value, headers), partition in messages
        ]
        # `flush()` would return normally even if all of them had failed.
        until = time.monotonic() + SECONDS_TO_SEND
        for future in sent:
            self._wait(future, until)

    def _wait(self, future: Any, until: float) -> None:
        """A topic that is gone is noticed here long before the producer gives up sending to it."""
        while not future.is_done and time.monotonic() < until:
            try:
                future.get(timeout=LOOK_EVERY)
            except KafkaTimeoutError:
                if not future.is_done:
                    self._look_patiently()
        future.get(timeout=0)

    def _look_patiently(self) -> None:
        """A Kafka that does not answer is the producer's to wait for."""
        try:
            self._look()
        except MadeAnew:
            raise
        except KafkaError:
            return
