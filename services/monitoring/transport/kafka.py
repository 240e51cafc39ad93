"""Kafka as a transport: positions live in SQL, the group only shares out the partitions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.monitoring.facts import Unreadable, micros_of, read_item
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.transport.records import tolerate_any_header
from services.monitoring.transport.seam import Delivery, Mark, TransportError
from services.monitoring.transport.topics import MadeAnew, NoTopic, Topic
from shared.contracts.v1.feed import FeedItem, Watermark

TOPIC = "coursewatch.course.events.v1"
GROUP = "coursewatch.monitoring"
_WATERMARK = b"org.coursewatch.course.watermark.v1"
_WATERMARKS = msgspec.json.Decoder(Watermark)
ClaimCheckpoints = Callable[[str, Sequence[int]], dict[int, Checkpoint]]


class KafkaTransport:
    """The course topic; `claim` reads the checkpoints of a source and starts those that are missing at 0.

    The source's name carries the topic's own id: a topic that was deleted and made again starts at 0, and what is
    in both is skipped by version. While it reads it goes on looking whether it is still the same topic: an offset
    of the old one would skip what the new one holds before it.
    """

    in_order = False

    def __init__(self, bootstrap: str, claim: ClaimCheckpoints, *, topic: str = TOPIC, group: str = GROUP) -> None:
        tolerate_any_header()
        self._claim = claim
        self.held: dict[int, Checkpoint] = {}
        with _told():
            self._topic = Topic(bootstrap, topic)
        try:
            self.source = f"{topic}@{self._topic.id}"
            claim(self.source, self._topic.partitions)
            with _told():
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
        except BaseException:
            self._topic.close()
            raise

    def poll(self, timeout: float) -> list[Delivery]:
        with _told():
            batches = self._consumer.poll(timeout_ms=round(timeout * 1000))
            self._topic.look()
        return [
            _delivery(record)
            for partition, records in batches.items()
            if partition.partition in self.held  # not one that was taken away while it was polled
            for record in records
        ]

    def done(self, reached: Mapping[int, Checkpoint]) -> None:
        """Positions live in SQL; committing them to Kafka as well would be a second truth."""
        self.held.update(reached)

    def rewind(self) -> None:
        """The relay sends what a restored log goes on with, so it is on its way."""

    def lag(self) -> int | None:
        """Records of the assigned partitions that are known to be there and not yet polled."""
        try:
            assigned = self._consumer.assignment()
            ends = {partition: self._consumer.highwater(partition) for partition in assigned}
            return sum(max(0, int(end - self._consumer.position(p))) for p, end in ends.items() if end is not None)
        except KafkaError:
            return None

    def close(self) -> None:
        self._topic.close()
        self._consumer.close(autocommit=False, timeout_ms=2000)

    def assigned(self, partitions: Sequence[TopicPartition]) -> None:
        """Takes up each partition where SQL says that its last owner left it."""
        checkpoints = self._claim(self.source, self._topic.partitions)
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


@contextmanager
def _told() -> Iterator[None]:
    """Whatever Kafka answers, or doesn't, as a sentence."""
    try:
        yield
    except NoTopic as error:
        raise TransportError(
            "Kafka has no topic for the course events yet: start `coursewatch course relay`"
        ) from error
    except MadeAnew as error:
        raise TransportError("the topic of the course events was made anew, and is read from its start") from error
    except KafkaError as error:
        raise TransportError(f"Kafka did not answer ({type(error).__name__})") from error


def _delivery(record: Any) -> Delivery:
    """A Kafka mark's position is the offset to read next."""
    headers = dict(record.headers)
    mark = Mark(record.partition, record.offset + 1)
    value = record.value or b""
    content: FeedItem | Watermark | Unreadable
    if headers.get("ce_type") == _WATERMARK:
        content = _watermark(value)
    elif record.value is None:
        content = Unreadable("no value: the log is never erased by a tombstone")
    else:
        content = read_item(value)
        if isinstance(content, FeedItem) and record.key != content.treatment.encode():
            content = Unreadable("the record's key is not its treatment")
    return Delivery(mark, record.key, value, content)


def _watermark(value: bytes) -> Watermark | Unreadable:
    try:
        mark = _WATERMARKS.decode(value)
        micros_of(mark.recorded_through)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return Unreadable("a watermark that can't be read")
    return mark
