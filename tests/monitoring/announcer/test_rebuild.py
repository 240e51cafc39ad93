"""A rebuild gives the same projection, says nothing again, and leaves announcements and their numbers as they were."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from services.monitoring.announcer import Announcer
from services.monitoring.rebuild import rebuild
from services.monitoring.store.progress import parked_count, stream_head
from services.monitoring.store.tables import fact, parked, roll_up_span, treatment
from services.monitoring.transport.seam import TransportError
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.feed_server import serving
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import EDITIONS, opened, projection, projector, rows, told

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)


def _log() -> Logbook:
    return Logbook(*(one.facts for one in people()[:5]))


def _rebuild(store: Database, url: str) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    rebuild(store, url, EDITIONS, ManualClock(NOW), lambda done, of: seen.append((done, of)))
    return seen


def _tampered(store: Database) -> None:
    with store.write() as connection:
        connection.execute(update(roll_up_span).values(due_on=roll_up_span.c.due_on + 1))
        connection.execute(delete(fact).where(fact.c.version > 4))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_broken_in_the_store_is_as_it_was_after_a_rebuild(
    kind: str, tmp_path: object, request: pytest.FixtureRequest
) -> None:
    log = _log()
    url = f"sqlite:///{tmp_path}/m.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    with opened(url) as store, serving(log) as feed:
        at_work = projector(store)
        at_work.project(log.deliveries)
        Announcer(at_work, ManualClock(NOW), lambda: None).run_to(NOW)
        before, treatments, announced = projection(store), rows(store, treatment), told(store)
        _tampered(store)
        assert projection(store) != before
        progress = _rebuild(store, feed.url)
        assert projection(store) == before
        assert rows(store, treatment) == treatments
        assert told(store) == announced
        assert progress[-1] == (len(log.facts), len(log.facts))
        # The projector that was running all along takes the new projection up, and the dates are not told again.
        assert at_work.project(log.deliveries).applied == 0
        assert at_work.run_dates(NOW) == 0


def test_a_projection_that_was_dropped_comes_back_in_silence(store: Database) -> None:
    log = _log()
    with serving(log) as feed:
        projector(store).project(log.deliveries)
        before, announced = projection(store), told(store)
        with store.read() as connection:
            head = stream_head(connection)
        with store.write() as connection:
            for table in (fact, roll_up_span, treatment):
                connection.execute(delete(table))
        _rebuild(store, feed.url)
        assert projection(store) == before
        assert Announcer(projector(store), ManualClock(NOW), lambda: None).run_to(NOW) == 0
        assert told(store) == announced
        with store.read() as connection:
            assert stream_head(connection) == head


def test_facts_that_arrive_while_it_is_built_are_in_it(store: Database) -> None:
    log = _log()
    with serving(log) as feed:
        projector(store).project(log.deliveries)
        before = projection(store)
        feed.head = len(log.facts) - 6  # what the rebuild can see of the log
        _rebuild(store, feed.url)
        assert projection(store) == before


def test_a_fork_is_settled_by_the_log(store: Database) -> None:
    log = _log()
    with serving(log) as feed:
        at_work = projector(store)
        at_work.project(log.deliveries[:-1])
        with store.write() as connection:
            connection.execute(
                parked.insert().values(
                    treatment=log.facts[0].treatment,
                    version=2,
                    fact_id="x",
                    reason="fork",
                    recorded_at=0,
                    since=0,
                    item=log.deliveries[0].value,
                )
            )
        _rebuild(store, feed.url)
        with store.read() as connection:
            assert parked_count(connection) == 0


def test_without_an_answer_from_the_course_service_nothing_is_changed(store: Database) -> None:
    log = _log()
    with serving(log) as feed:
        projector(store).project(log.deliveries)
        before = projection(store)
        feed.broken = True
        with pytest.raises(TransportError):
            _rebuild(store, feed.url)
        assert projection(store) == before
