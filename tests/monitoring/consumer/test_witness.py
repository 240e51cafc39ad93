"""A course log that was restored from an older backup is noticed: merely shorter, gone on otherwise, or grown past."""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.monitoring.consumer import Consumer
from services.monitoring.rebuild import rebuild
from services.monitoring.set_aside import set_aside
from services.monitoring.store import checkpoints
from services.monitoring.store.witness import Seen, seen
from services.monitoring.transport.feed import Feed, FeedTransport
from services.monitoring.witness import Witness
from shared.clock import SystemClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.consumer.test_loop import eventually
from tests.monitoring.feed_server import FeedServer, serving
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import EDITIONS, opened, projector

ONE, OTHER = people()[0].facts, people()[4].facts


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with serving(Logbook(ONE, OTHER)) as server:
        yield server


@pytest.fixture
def store(tmp_path: object) -> Iterator[Database]:
    with opened(f"sqlite:///{tmp_path}/monitoring.db") as database:
        yield database


@contextmanager
def consuming(store: Database, feed: FeedServer) -> Iterator[Consumer]:
    asking = Feed(feed.url)
    consumer = Consumer(
        projector(store),
        lambda: FeedTransport(Feed(feed.url), partial(checkpoints.claim, store)),
        asking.treatment,
        SystemClock(),
        witness=Witness(store, asking, SystemClock()),
    )
    consumer.start()
    try:
        yield consumer
    finally:
        consumer.stop()
        asking.close()


def restore(feed: FeedServer, kept: int, gone_on_by: int = 0) -> None:
    """The log as a backup had it after `kept` facts, and as many new ones, of the same treatments, after it."""
    full = list(feed.log.facts)
    new = [
        replace(
            fact,
            fact_id=str(uuid.UUID(int=random.Random(fact.position).getrandbits(128))),
            recorded_at=full[-1].recorded_at + timedelta(hours=fact.position),
        )
        for fact in full[kept : kept + gone_on_by]
    ]
    feed.log.facts = full[:kept] + new


def noted(store: Database) -> Seen | None:
    with store.read() as connection:
        return seen(connection)


def alarm(store: Database) -> str | None:
    last = noted(store)
    return last.alarm if last else None


def reasons(store: Database) -> set[str]:
    with store.read() as connection:
        return {one.reason for one in set_aside(connection).parked}


def test_an_unchanged_log_raises_no_alarm_and_its_last_fact_is_noted(store: Database, feed: FeedServer) -> None:
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
        eventually(lambda: noted(store) is not None)
        assert alarm(store) is None
    assert reasons(store) == set()


def test_a_shorter_log_is_told_before_anything_new_is_in_it(
    store: Database, feed: FeedServer, caplog: pytest.LogCaptureFixture
) -> None:
    count = len(feed.log.facts)
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None and noted(store) == Seen(count, feed_id(feed, count)))
        restore(feed, kept=count - 3)
        eventually(lambda: alarm(store) == "behind")
    sentence = f"the course log ends at position {count - 3}, and position {count} was seen: an older log was restored"
    assert f"ALARM {sentence}" in caplog.text
    with store.read() as connection:
        assert sentence in str(set_aside(connection).log)


def test_a_log_that_went_on_otherwise_parks_and_stays_told_when_it_has_grown_past(
    store: Database, feed: FeedServer
) -> None:
    count = len(feed.log.facts)
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None and noted(store) == Seen(count, feed_id(feed, count)))
        restore(feed, kept=count - 3, gone_on_by=3)
        eventually(lambda: alarm(store) == "fork")
        eventually(lambda: reasons(store) == {"fork"})
        last = feed.log.facts[-1].recorded_at
        feed.log.facts += [
            replace(
                fact,
                treatment="00000000-0000-7000-8000-00000000000f",
                position=count + n,
                fact_id=str(uuid.uuid4()),
                recorded_at=last + timedelta(days=n),
            )
            for n, fact in enumerate(ONE, 1)
        ]
        eventually(lambda: consumer.health.lag == 0 and consumer.caught_up_at() is not None)
        assert alarm(store) == "fork"
        assert noted(store).position == count  # type: ignore[union-attr]


def test_a_log_that_went_on_while_nobody_read_is_noticed_at_the_start(store: Database, feed: FeedServer) -> None:
    count = len(feed.log.facts)
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None and noted(store) == Seen(count, feed_id(feed, count)))
    restore(feed, kept=count - 5, gone_on_by=5)
    with consuming(store, feed):
        eventually(lambda: alarm(store) == "fork" and reasons(store) == {"fork"})


def test_a_rebuild_takes_the_restored_log_as_the_truth(store: Database, feed: FeedServer) -> None:
    count = len(feed.log.facts)
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None and noted(store) == Seen(count, feed_id(feed, count)))
        restore(feed, kept=count - 3, gone_on_by=3)
        eventually(lambda: alarm(store) == "fork" and reasons(store) == {"fork"})
    rebuild(store, feed.url, EDITIONS, SystemClock(), lambda done, of: None)
    assert noted(store) == Seen(count, feed_id(feed, count))
    assert reasons(store) == set()
    with consuming(store, feed) as consumer:
        eventually(lambda: consumer.caught_up_at() is not None)
        assert alarm(store) is None
    assert reasons(store) == set()


def test_of_two_consumers_that_look_at_once_the_one_that_saw_less_notes_nothing(
    store: Database, feed: FeedServer
) -> None:
    class Slow(Feed):
        """While it asks, the other consumer looks and notes what it has seen."""

        def page(self, **query: Any) -> Any:
            other.look(feed.log.deliveries)
            return super().page(**query)

    slow, quick = Slow(feed.url), Feed(feed.url)
    other, one = Witness(store, quick, SystemClock()), Witness(store, slow, SystemClock())
    one.look(feed.log.deliveries[:5])
    assert noted(store) == Seen(len(feed.log.facts), feed_id(feed, len(feed.log.facts)))
    for asking in (slow, quick):
        asking.close()


def feed_id(feed: FeedServer, position: int) -> str:
    return feed.log.facts[position - 1].fact_id
