"""What is stored says what the pure function says, whichever store it is and whichever way the facts came."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest

from services.course.application import LogEntry
from services.course.publishing import Publisher, make_topics
from services.monitoring.projector import Projector
from services.monitoring.reading.clocks import Question
from services.monitoring.reading.filters import STANDINGS, Filters
from services.monitoring.reading.library import open_library
from services.monitoring.reading.reader import Reader
from services.monitoring.rules import assess
from services.monitoring.store import checkpoints
from services.monitoring.transport.kafka import KafkaTransport
from shared.clock import ManualClock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database
from tests.monitoring.logbook import Logbook, shuffled
from tests.monitoring.properties.histories import History, histories, questions
from tests.monitoring.stores import NOW, opened, projector
from tests.scenario import EDITION

EVERYTHING = Filters(standing=STANDINGS)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/monitoring.db" if sqlite else request.getfixturevalue("postgres_url")
    with opened(url) as database:
        yield database


def reader(database: Database) -> Reader:
    return Reader(database, open_library("us", ManualClock(NOW)))


def of(history: History, log: Logbook) -> list:  # type: ignore[type-arg]
    return [fact for fact in log.facts if fact.treatment == history.treatment]


def test_at_any_point_of_both_clocks_the_stored_lines_are_those_of_the_pure_function(store: Database) -> None:
    told = histories(12, seed=41)
    log = Logbook(*(history.facts for history in told))
    projected = projector(store)
    for batch in shuffled(log.deliveries, random.Random(41)):
        projected.project(batch)

    for history in told:
        facts = of(history, log)
        for on, known_at in questions(history, random.Random(history.treatment), 8):
            wanted = assess(EDITION, facts, on, known_at).roll_ups
            found = reader(store).cohort(
                Filters(standing=STANDINGS, treatment=(history.treatment,)), Question(on, known_at), 500
            )
            assert {row.requirement: row for row in found.obligations} == {row.requirement: row for row in wanted}


def digests(database: Database, points: list[tuple[date, datetime | None]]) -> list[tuple[int, str]]:
    found = [reader(database).digest(Question(on, known_at)) for on, known_at in points]
    return [(digest.slots, digest.sha256) for digest in found]


def test_sqlite_and_postgresql_feed_and_kafka_give_one_digest(
    tmp_path: Path, postgres_url: str, kafka_bootstrap: str
) -> None:
    told = histories(8, seed=42)
    log = Logbook(*(history.facts for history in told))
    points = [point for history in told[:5] for point in questions(history, random.Random(5), 1)]
    with ExitStack() as stack:
        by_feed = stack.enter_context(opened(f"sqlite:///{tmp_path}/feed.db"))
        by_kafka = stack.enter_context(opened(postgres_url))
        projector(by_feed).project(log.deliveries)
        read_from_kafka(kafka_bootstrap, log, projector(by_kafka), by_kafka)

        assert digests(by_feed, points) == digests(by_kafka, points)
        assert sum(slots for slots, _ in digests(by_feed, points)) > 1000


@contextmanager
def publishing(bootstrap: str) -> Iterator[Publisher]:
    publisher = Publisher(bootstrap, make_topics(bootstrap))
    try:
        yield publisher
    finally:
        publisher.close()


def read_from_kafka(bootstrap: str, log: Logbook, projected: Projector, database: Database) -> None:
    """The whole log through a real topic; half of it is sent twice, as after a crash of the relay."""
    items = [one.content for one in log.deliveries if isinstance(one.content, FeedItem)]
    with publishing(bootstrap) as publisher:
        publisher.facts(LogEntry(item, None) for item in [*items, *items[: len(items) // 2]])
    transport = KafkaTransport(bootstrap, lambda source, parts: checkpoints.claim(database, source, parts))
    try:
        applied = 0
        for _ in range(60):
            applied += projected.project(transport.poll(2)).applied
            if applied == len(items):
                break
    finally:
        transport.close()
