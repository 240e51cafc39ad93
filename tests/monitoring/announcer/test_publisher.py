"""What is told in the store reaches Kafka: every announcement in order, and each treatment's newest snapshot."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import select

from services.monitoring.publisher import CHANGES, SNAPSHOTS, Publisher, make_producer
from services.monitoring.rules.edition import Once
from services.monitoring.store.tables import published, snapshot_outbox
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import EDITIONS, NOW, projector, told
from tests.real_parts.fixtures import wipe_kafka


@pytest.fixture
def bootstrap(kafka_bootstrap: str) -> str:
    _made(kafka_bootstrap)
    return kafka_bootstrap


def _made(bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    topics = {name: {"num_partitions": 3, "replication_factor": 1} for name in (CHANGES, SNAPSHOTS)}
    admin.create_topics(topics, wait_for_metadata=True)
    admin.close()


@pytest.fixture
def producer(bootstrap: str) -> Iterator[KafkaProducer]:
    made = make_producer(bootstrap)
    yield made
    made.close()


def _records(bootstrap: str, topic: str) -> list[tuple[str, dict[str, str], dict[str, object]]]:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=3000, group_id=None
    )
    found = [
        (
            record.key.decode(),
            {name: value.decode() for name, value in record.headers},
            json.loads(record.value),
        )
        for record in consumer
    ]
    consumer.close()
    return found


def _publish_all(store: Database, bootstrap: str, producer: KafkaProducer) -> None:
    publisher = Publisher(store, bootstrap, EDITIONS, ManualClock(NOW))
    while publisher.publish(producer):
        pass


def test_announcements_go_out_in_order_with_their_ids_and_only_once(
    store: Database, bootstrap: str, producer: KafkaProducer
) -> None:
    log = Logbook(*(one.facts for one in people()[:3]))
    at_work = projector(store, publish=True)
    at_work.project(log.deliveries[:20])
    _publish_all(store, bootstrap, producer)
    at_work.project(log.deliveries[20:])
    _publish_all(store, bootstrap, producer)
    records = _records(bootstrap, CHANGES)
    numbers = {headers["ce_id"]: value["announcement_id"] for _, headers, value in records}
    assert len(records) == len(told(store))
    assert all(identity == stated for identity, stated in numbers.items())
    for name in {key for key, _, _ in records}:
        of_one = [int(headers["ce_id"].rsplit("-", 1)[1]) for key, headers, _ in records if key == name]
        assert of_one == sorted(of_one)
    assert all(key == headers["ce_partitionkey"] == value["treatment"] for key, headers, value in records)


def test_the_newest_snapshot_of_a_treatment_is_its_whole_roll_up(
    store: Database, bootstrap: str, producer: KafkaProducer
) -> None:
    t = people()[0]
    projector(store, publish=True).project(Logbook(t.facts).deliveries)
    _publish_all(store, bootstrap, producer)
    *_, (key, headers, value) = _records(bootstrap, SNAPSHOTS)
    assert key == headers["ce_subject"] == t.treatment
    assert value["version"] == len(t.facts)
    assert {row["requirement"] for row in value["obligations"]} == {
        name for name, one in EDITIONS["alemtuzumab-ms"].requirements.items() if not isinstance(one.timing, Once)
    }
    with store.read() as connection:
        assert connection.execute(select(snapshot_outbox)).all() == []


def _eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 40
    while not true():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.1)


def test_topics_that_were_made_anew_get_every_announcement_and_a_snapshot_of_each_treatment_again(
    store: Database, bootstrap: str
) -> None:
    projector(store, publish=True).project(Logbook(*(one.facts for one in people()[:3])).deliveries)
    publisher = Publisher(store, bootstrap, EDITIONS, ManualClock(NOW))
    publisher.start()

    def all_is_sent() -> bool:
        with store.read() as connection:
            waiting = connection.execute(select(snapshot_outbox)).all()
            cursors = set(connection.execute(select(published.c.n)).scalars())
        return not waiting and len(told(store)) in cursors

    _eventually(all_is_sent)
    first = {topic: {key for key, _, _ in _records(bootstrap, topic)} for topic in (CHANGES, SNAPSHOTS)}
    wipe_kafka(bootstrap)
    _made(bootstrap)
    _eventually(lambda: not all_is_sent())
    _eventually(all_is_sent)
    publisher.stop()
    again = {headers["ce_id"] for _, headers, _ in _records(bootstrap, CHANGES)}
    assert len(again) == len(told(store))
    assert {key for key, _, _ in _records(bootstrap, SNAPSHOTS)} == first[SNAPSHOTS]


def test_nothing_is_marked_sent_that_kafka_did_not_acknowledge(store: Database, kafka_bootstrap: str) -> None:
    """The topics are missing: each send fails, and all of it stays in the outbox."""
    projector(store, publish=True).project(Logbook(people()[0].facts).deliveries)
    failing = KafkaProducer(
        bootstrap_servers=kafka_bootstrap, acks="all", max_block_ms=300, allow_auto_create_topics=False
    )
    try:
        with pytest.raises(KafkaError):
            Publisher(store, kafka_bootstrap, EDITIONS, ManualClock(NOW)).publish(failing)
    finally:
        failing.close()
    with store.read() as connection:
        assert connection.execute(select(published)).all() == []
        assert len(connection.execute(select(snapshot_outbox)).all()) == 1
