"""Kafka as a transport: positions live in SQL, the group only shares out the partitions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.monitoring.facts import Unreadable, read_item
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.transport.seam import Delivery, Mark, TransportError
from shared.contracts.v1.feed import FeedItem, Watermark

TOPIC = "coursewatch.course.events.v1"
GROUP = "coursewatch.monitoring"
_WATERMARK = b"org.coursewatch.course.watermark.v1"
_WATERMARKS = msgspec.json.Decoder(Watermark)
ClaimCheckpoints = Callable[[str, Sequence[int]], dict[int, Checkpoint]]


class KafkaTransport:
    """The course topic; `claim` reads the checkpoints of a source and starts those that are missing at 0.

    The source's name carries the topic's own id: a topic that was deleted and made again starts at 0, and what is
    in both is skipped by version.
    """

    in_order = False

    def __init__(self, bootstrap: str, claim: ClaimCheckpoints, *, topic: str = TOPIC, group: str = GROUP) -> None:
        self._topic = topic
        self._claim = claim
        self.held: dict[int, Checkpoint] = {}
        try:
            self.source, self._partitions = _describe(bootstrap, topic)
            claim(self.source, self._partitions)
            self._consumer = KafkaConsumer(
                bootstrap_servers=bootstrap,
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                reconnect_backoff_max_ms=500,
                session_timeout_ms=10_000,
                max_poll_records=500,
            )
            self._consumer.subscribe([topic], listener=_Rebalance(self))
        except KafkaError as error:
            raise TransportError(f"Kafka did not answer ({type(error).__name__})") from error

    def poll(self, timeout: float) -> list[Delivery]:
        try:
            batches = self._consumer.poll(timeout_ms=round(timeout * 1000))
        except KafkaError as error:
            raise TransportError(f"Kafka's poll failed ({type(error).__name__})") from error
        return [
            _delivery(record)
            for partition, records in batches.items()
            if partition.partition in self.held  # not one that was taken away while it was polled
            for record in records
        ]

    def done(self, reached: Mapping[int, Checkpoint]) -> None:
        """Positions live in SQL; committing them to Kafka as well would be a second truth."""
        self.held.update(reached)

    def lag(self) -> int | None:
        """Records of the assigned partitions that are known to be there and not yet polled."""
        try:
            assigned = self._consumer.assignment()
            ends = {partition: self._consumer.highwater(partition) for partition in assigned}
            return sum(max(0, int(end - self._consumer.position(p))) for p, end in ends.items() if end is not None)
        except KafkaError:
            return None

    def close(self) -> None:
        self._consumer.close(autocommit=False, timeout_ms=2000)

    def assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Takes up each partition where SQL says that its last owner left it."""
        checkpoints = self._claim(self.source, self._partitions)
        for one in partitions:
            self.held[one.partition] = checkpoints[one.partition]
            self._consumer.seek(one, self.held[one.partition].position)

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        for one in partitions:
            self.held.pop(one.partition, None)


class _Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python carries no types
    """Nothing is saved on the way out: each batch has saved its positions with its effect."""

    def __init__(self, transport: KafkaTransport) -> None:
        self._transport = transport

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        self._transport.revoked(revoked)

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._transport.assigned(assigned)


def _describe(bootstrap: str, topic: str) -> tuple[str, list[int]]:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, reconnect_backoff_max_ms=500)
    try:
        (described,) = admin.describe_topics([topic])
    finally:
        admin.close()
    partitions = [int(partition["partition_index"]) for partition in described["partitions"]]
    if described["error_code"] or not partitions:
        raise TransportError("Kafka has no topic for the course events yet: start `coursewatch course relay`")
    return f"{topic}@{described['topic_id']}", sorted(partitions)


def _delivery(record: Any) -> Delivery:
    """A Kafka mark's position is the offset to read next."""
    headers = dict(record.headers)
    mark = Mark(record.partition, record.offset + 1)
    value = record.value or b""
    content: FeedItem | Watermark | Unreadable
    if headers.get("ce_type") == _WATERMARK:
        try:
            content = _WATERMARKS.decode(value)
        except msgspec.DecodeError:
            content = Unreadable("a watermark that can't be read")
    else:
        content = read_item(value)
        if isinstance(content, FeedItem) and record.key != content.treatment.encode():
            content = Unreadable("the record's key is not its treatment")
    return Delivery(mark, record.key, value, content)
