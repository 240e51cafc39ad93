"""The same loop over a real Kafka: positions in SQL, doubles skipped, poison set aside, a topic made anew."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from sqlalchemy import func, select

from services.monitoring.consumer import Consumer
from services.monitoring.facts import EPOCH, micros_of
from services.monitoring.running import complete_until
from services.monitoring.store import checkpoints
from services.monitoring.store.progress import dead_letter_count, known_through
from services.monitoring.store.tables import checkpoint, dead_letter, fact, roll_up_span
from services.monitoring.transport.kafka import KafkaTransport
from shared.clock import SystemClock
from shared.contracts.v1.cloudevents import PARTITIONS, TOPIC, fact_message, watermark_message
from shared.contracts.v1.feed import Watermark
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import opened, projector, rows


@pytest.fixture
def log() -> Logbook:
    return Logbook(*(one.facts for one in people()[:5]))


class Topic:
    """What the relay would send; `send` sends facts again as often as it is asked to."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.group = f"coursewatch.test.{uuid.uuid4()}"
        self.make()
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")

    def make(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            if TOPIC in admin.list_topics():
                admin.delete_topics([TOPIC])
                until = time.monotonic() + 10
                while TOPIC in admin.list_topics() and time.monotonic() < until:
                    time.sleep(0.05)
            admin.create_topics(
                {TOPIC: {"num_partitions": PARTITIONS, "replication_factor": 1}}, wait_for_metadata=True
            )
        finally:
            admin.close()

    def send(self, *deliveries: object) -> None:
        self._all(
            self._producer.send(TOPIC, key=key, value=value, headers=headers)
            for key, value, headers in (fact_message(one.content) for one in deliveries)  # type: ignore[attr-defined]
        )

    def spoil(self, value: bytes) -> None:
        self._all([self._producer.send(TOPIC, key=b"k", value=value, partition=0)])

    def watermark(self, mark: Watermark) -> None:
        key, value, headers = watermark_message(mark)
        self._all(
            self._producer.send(TOPIC, key=key, value=value, headers=headers, partition=number)
            for number in range(PARTITIONS)
        )

    def close(self) -> None:
        self._producer.close()

    def _all(self, futures: object) -> None:
        for future in list(futures):  # type: ignore[call-overload]
            future.get(timeout=10)


@pytest.fixture
def topic(kafka_bootstrap: str) -> Iterator[Topic]:
    made = Topic(kafka_bootstrap)
    yield made
    made.close()


@contextmanager
def consuming(store: Database, topic: Topic, log: Logbook) -> Iterator[Consumer]:
    consumer = Consumer(
        projector(store),
        lambda: KafkaTransport(topic.bootstrap, partial(checkpoints.claim, store), group=topic.group),
        log.range,
        SystemClock(),
    )
    consumer.start()
    try:
        yield consumer
    finally:
        consumer.stop()


def eventually(true: Callable[[], bool], seconds: float = 25) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.05)


def _count(store: Database) -> int:
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(fact)).scalar_one())


def test_facts_sent_twice_among_poison_are_projected_once_as_the_feed_would(
    store: Database, topic: Topic, log: Logbook, tmp_path: object
) -> None:
    topic.send(*log.deliveries[:20])
    topic.spoil(b"\x00 not ours")
    topic.send(*log.deliveries[10:])  # the relay was killed and sent some again
    end = log.deliveries[-1].content.recorded_at
    topic.watermark(Watermark(len(log.facts), end))
    with consuming(store, topic, log) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
        assert _count(store) == len(log.facts)
    with store.read() as connection:
        assert known_through(connection) == round(log.facts[-1].recorded_at.timestamp() * 1_000_000)
        assert dead_letter_count(connection) == 1
        assert connection.execute(select(dead_letter.c.value)).scalar_one() == b"\x00 not ours"
    with opened(f"sqlite:///{tmp_path}/feed.db") as by_feed:
        projector(by_feed).project(log.deliveries)
        assert rows(by_feed, roll_up_span) == rows(store, roll_up_span)


def test_until_every_partition_has_spoken_nothing_is_said_to_be_known(
    store: Database, topic: Topic, log: Logbook
) -> None:
    topic.send(*log.deliveries)
    with consuming(store, topic, log) as consumer:
        eventually(lambda: _count(store) == len(log.facts))
        with store.read() as connection:
            assert known_through(connection) is None
        assert consumer.caught_up_at() is None


def test_a_restarted_consumer_goes_on_from_sql_and_a_topic_made_anew_is_read_from_its_start(
    store: Database, topic: Topic, log: Logbook
) -> None:
    topic.send(*log.deliveries[:15])
    with consuming(store, topic, log):
        eventually(lambda: _count(store) == 15)
    topic.send(*log.deliveries[15:20])
    with consuming(store, topic, log):
        eventually(lambda: _count(store) == 20)
    topic.make()  # Kafka was wiped: the same offsets will be other records
    topic.send(*log.deliveries)
    with consuming(store, topic, log):
        eventually(lambda: _count(store) == len(log.facts))
    with store.read() as connection:
        assert len(connection.execute(select(checkpoint.c.source).distinct()).all()) == 1


def test_two_consumers_share_the_partitions_and_one_takes_over_when_the_other_ends(
    postgres_url: str, topic: Topic, log: Logbook
) -> None:
    with opened(postgres_url) as store:
        topic.send(*log.deliveries[:10])
        with consuming(store, topic, log) as first:
            eventually(lambda: _count(store) == 10)
            with consuming(store, topic, log) as second:
                topic.send(*log.deliveries[10:20])
                eventually(lambda: _count(store) == 20)
                end = Watermark(20, log.deliveries[19].content.recorded_at)

                def both_have_met_the_end() -> bool:
                    topic.watermark(end)  # as the relay does, again and again
                    return second.caught_up_at() is not None and first.caught_up_at() is not None

                eventually(both_have_met_the_end)
                # What dates bring about waits for the partitions of the other one as well.
                until = complete_until(store, first)
                eventually(lambda: until() == EPOCH + timedelta(microseconds=micros_of(end.recorded_through)))
            topic.send(*log.deliveries[20:])
            eventually(lambda: _count(store) == len(log.facts))
            assert first.health.failing is None


class _NoText(str):
    """A header's name as clients in other languages may send it."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:  # type: ignore[override]
        return b"\xff\xfe"


def test_a_headers_name_that_is_no_text_and_a_watermark_without_an_instant_stop_nobody(
    store: Database, topic: Topic, log: Logbook
) -> None:
    mark = ("ce_type", b"org.coursewatch.course.watermark.v1")
    poison = {b"junk": (_NoText("name"), b""), b'{"position":1,"recorded_through":"soon"}': mark}
    for value, header in poison.items():
        topic._all([topic._producer.send(TOPIC, value=value, headers=[header], partition=n) for n in range(PARTITIONS)])
    topic.send(*log.deliveries)
    with consuming(store, topic, log):
        eventually(lambda: _count(store) == len(log.facts))
    with store.read() as connection:
        kept = connection.execute(select(dead_letter.c.value)).scalars().all()
    assert sorted(kept) == sorted([*poison] * PARTITIONS)


def test_a_topic_made_anew_behind_a_reader_is_read_from_its_start(store: Database, topic: Topic, log: Logbook) -> None:
    topic.send(*log.deliveries[:3])
    with consuming(store, topic, log):
        eventually(lambda: _count(store) == 3)
        topic.make()
        # More records than the reader's offset, and nobody who would show that some were skipped.
        topic.send(*log.deliveries)
        eventually(lambda: _count(store) == len(log.facts))
