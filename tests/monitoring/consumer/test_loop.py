"""The loop over the feed by real HTTP: it goes on after whatever breaks, and says how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import select

from services.monitoring.consumer import Consumer
from services.monitoring.projector import Projector
from services.monitoring.store import checkpoints
from services.monitoring.store.progress import dead_letter_count, known_through, parked_count
from services.monitoring.store.tables import checkpoint, fact, parked
from services.monitoring.transport.feed import Feed, FeedTransport
from shared.clock import SystemClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.feed_server import FeedServer, serving
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import opened, projection, projector


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with serving(Logbook(people()[0].facts, people()[4].facts)) as server:
        yield server


@contextmanager
def consuming(store: Database, feed: FeedServer, at_work: Projector | None = None) -> Iterator[Consumer]:
    asking = Feed(feed.url)
    consumer = Consumer(
        at_work or projector(store),
        lambda: FeedTransport(Feed(feed.url, limit=7), partial(checkpoints.claim, store)),
        asking.treatment,
        SystemClock(),
    )
    consumer.start()
    try:
        yield consumer
    finally:
        consumer.stop()
        asking.close()


def eventually(true: Callable[[], bool], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


def _count(store: Database) -> int:
    with store.read() as connection:
        return len(connection.execute(select(fact.c.position)).all())


def test_the_whole_log_is_projected_and_known_through_its_last_fact(store: Database, feed: FeedServer) -> None:
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
        assert _count(store) == len(feed.log.facts)
        assert consumer.health.lag == 0
        assert consumer.health.failing is None
        assert consumer.health.behind is not None
    with store.read() as connection:
        through = known_through(connection)
    assert through == round(feed.log.facts[-1].recorded_at.timestamp() * 1_000_000)


def test_a_course_service_that_does_not_answer_is_said_and_outwaited(store: Database, feed: FeedServer) -> None:
    feed.broken = True
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.health.failing is not None)
        assert consumer.health.failing == "the course service's feed answered 503"
        assert consumer.caught_up_at() is None
        feed.broken = False
        eventually(lambda: _count(store) == len(feed.log.facts))
        eventually(lambda: consumer.health.failing is None)


def test_a_defect_in_one_round_is_survived(store: Database, feed: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = projector(store)
    project, fails = at_work.project, iter([True, True])

    def flawed(*given: object, **how: object) -> object:
        if next(fails, False):
            raise ZeroDivisionError
        return project(*given, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(at_work, "project", flawed)
    with consuming(store, feed, at_work):
        eventually(lambda: _count(store) == len(feed.log.facts))


def test_a_restart_goes_on_from_the_stored_position(store: Database, feed: FeedServer) -> None:
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
    feed.asked.clear()
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
    assert f"after={len(feed.log.facts)}&" in feed.asked[0]


def test_a_checkpoint_that_another_moved_makes_it_begin_anew(store: Database, feed: FeedServer) -> None:
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
        with store.write() as connection:
            connection.execute(checkpoint.update().values(position=3))
        more = people()[0]
        more.cbc("2025-06-01")
        feed.log = Logbook(more.facts, people()[4].facts)
        eventually(lambda: _count(store) == len(feed.log.facts))


def test_a_gap_in_what_is_delivered_is_asked_for(store: Database, feed: FeedServer) -> None:
    feed.hidden = {4, 5, 9}
    with consuming(store, feed):
        eventually(lambda: _count(store) == len(feed.log.facts))
    assert any("after_version=" in path for path in feed.asked)
    with store.read() as connection:
        assert parked_count(connection) == 0


def test_one_spoiled_event_is_a_dead_letter_and_the_range_is_asked_for_in_vain(
    store: Database, feed: FeedServer
) -> None:
    spoiled = next(one for one in feed.log.facts if one.treatment == people()[4].treatment and one.version == 4)
    feed.spoiled = {spoiled.position: b'{"position":"x"}'}
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
    with store.read() as connection:
        assert dead_letter_count(connection) == 1
        assert parked_count(connection) == 1
    assert _count(store) == len(people()[0].facts) + 3


def test_a_log_that_was_restored_to_an_earlier_end_is_read_again_and_its_fork_is_parked(
    store: Database, feed: FeedServer
) -> None:
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
        before = projection(store)
        other = people()[4]
        del other.facts[-1]
        other.name = "a restored log hands out other ids"
        other.cbc("2025-02-01")
        feed.log = Logbook(people()[0].facts[:-1], other.facts)
        eventually(lambda: parked_reasons(store) == ["fork"])
        assert projection(store) == before


def parked_reasons(store: Database) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(parked.c.reason)).scalars())


def test_the_loop_leaves_the_rows_that_one_batch_leaves(store: Database, feed: FeedServer, tmp_path: object) -> None:
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
    with opened(f"sqlite:///{tmp_path}/b.db") as at_once:
        projector(at_once).project(feed.log.deliveries)
        assert projection(store) == projection(at_once)
