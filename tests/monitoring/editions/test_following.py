"""An activation changes what is answered of what is known from then on, and nothing that was answered before."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.monitoring.facts import micros
from services.monitoring.projector.folding import fold
from services.monitoring.reading.clocks import Question
from services.monitoring.reading.filters import Filters
from services.monitoring.rebuild import rebuild
from services.monitoring.store.tables import announcement, edition, fact, roll_up_span, treatment
from tests.monitoring.editions.service import ACTIVATED, AFTER, BEFORE, NEW, OLD, Service, activate, log, people
from tests.monitoring.feed_server import serving
from tests.monitoring.logbook import Logbook, written
from tests.monitoring.protocol_commands.copies import Copy
from tests.monitoring.stores import opened, rows


def test_what_was_known_before_is_judged_as_it_was_and_what_is_known_since_by_the_new_edition(
    service: Service, mine: Path
) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    someone = people()[0].treatment
    assert service.due(someone) == [(OLD, "2024-08-15")] * 2
    at = activate(service, mine)
    service.pass_to(AFTER)
    assert service.due(someone) == [(NEW, "2024-07-15")] * 2
    assert service.due(someone, at) == [(NEW, "2024-07-15")] * 2
    assert service.due(someone, at - timedelta(microseconds=1)) == [(OLD, "2024-08-15")] * 2
    assert service.due(someone, BEFORE) == [(OLD, "2024-08-15")] * 2


def test_postgresql_holds_the_rows_that_sqlite_holds(service: Service, mine: Path, postgres_url: str) -> None:
    late = people()[1]
    late.lab("2024-08-12", "TSH")
    book = Logbook(late.facts, *(one.facts for one in (people()[0], people()[2])))
    *early, last = book.facts
    with opened(postgres_url) as database:
        both = [service, Service(database)]
        for one in both:
            one.receive(early)
            one.pass_to(ACTIVATED)
            activate(one, mine)
            one.receive([last])
            one.pass_to(AFTER)
        for table in (roll_up_span, treatment, edition):
            assert rows(database, table) == rows(service.database, table)


def test_lists_say_that_they_do_not_follow_yet_until_all_that_was_recorded_before_is_read(
    service: Service, mine: Path
) -> None:
    service.receive(log().facts, ACTIVATED)
    service.clock.set(ACTIVATED)
    someone = people()[0].treatment
    at = activate(service, mine)
    assert service.projector.follow_editions() == 0
    page = service.reader.cohort(Filters(treatment=(someone,)), Question())
    assert page.clocks.edition == OLD
    assert page.clocks.known_through == "2024-08-10T12:00:00.000000Z"
    service.receive([], at)
    page = service.reader.cohort(Filters(treatment=(someone,)), Question())
    assert page.clocks.edition == OLD
    assert service.projector.follow_editions() == 3
    page = service.reader.cohort(Filters(treatment=(someone,)), Question())
    assert (page.clocks.edition, page.clocks.known_through) == (NEW, "2024-08-10T12:00:00.000001Z")
    assert service.projector.follow_editions() == 0


def test_a_rectangle_ends_at_the_instant_of_the_activation(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = micros(activate(service, mine))
    service.pass_to(AFTER)
    for row in rows(service.database, roll_up_span):
        known_from, known_to = row[2:4]
        assert known_to <= at or known_from >= at
    assert {row[-1] for row in rows(service.database, treatment)} == {at}


def test_subscribers_are_told_once_what_the_activation_moved_and_opened(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    before = len(rows(service.database, announcement))
    activate(service, mine)
    service.pass_to(ACTIVATED + timedelta(seconds=1))
    told = sorted(rows(service.database, announcement), key=lambda row: row[1])[before:]
    assert {row[6] for row in told} == {"MON-04"}
    assert {row[2] for row in told} == {"rescheduled", "opened", "became-overdue", "became-missed"}
    assert {row[5] for row in told} == {one.treatment for one in people()[:2]}
    service.pass_to(ACTIVATED + timedelta(seconds=2))
    assert len(rows(service.database, announcement)) == before + len(told)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(microseconds=1), timedelta(days=3)])
def test_a_fact_recorded_since_brings_its_treatment_along_and_all_orders_give_the_same_rows(
    later: timedelta, service: Service, mine: Path, tmp_path: Path
) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = activate(service, mine)
    fresh = people()[0]
    fresh.lab("2024-08-01", "TSH", known=(at + later).isoformat())
    (new,) = [one for one in Logbook(fresh.facts, *(one.facts for one in people()[1:])).facts if one.recorded_at >= at]
    service.receive([new])
    service.pass_to(AFTER)
    stored = rows(service.database, roll_up_span)
    everything = [*log().facts, new]
    for one in people():
        items = [written(each) for each in everything if each.treatment == one.treatment]
        folded = fold(service.library.editions, items, micros(AFTER))
        assert sorted(folded.spans) == sorted(row for row in stored if row[0] == one.treatment)


def test_a_fact_of_before_that_comes_late_is_judged_in_its_time(service: Service, mine: Path) -> None:
    whole = people()[0]
    whole.lab("2024-07-20", "TSH", known="2024-07-25")
    book = Logbook(whole.facts)
    *early, late = book.facts
    service.receive(early)
    service.pass_to(ACTIVATED)
    activate(service, mine)
    service.pass_to(AFTER)
    service.receive([late])
    folded = fold(service.library.editions, [written(one) for one in book.facts], micros(AFTER))
    assert sorted(rows(service.database, roll_up_span)) == sorted(folded.spans)
    assert service.due(whole.treatment, datetime(2024, 7, 24, tzinfo=UTC)) == [(OLD, "2024-08-15")] * 2
    assert service.due(whole.treatment) == [(NEW, "2024-09-15")] * 2


def test_a_service_that_starts_anew_goes_on_with_the_editions_of_its_database(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    activate(service, mine)
    service.pass_to(AFTER)
    again = Service(service.database)
    someone = people()[0].treatment
    assert again.due(someone) == [(NEW, "2024-07-15")] * 2
    assert again.due(someone, BEFORE) == [(OLD, "2024-08-15")] * 2


def test_the_digest_of_then_stays_and_that_of_now_changes(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    then = Question(date(2024, 8, 1), BEFORE)
    before, now = service.reader.digest(then).sha256, service.reader.digest(Question(date(2024, 8, 1))).sha256
    activate(service, mine)
    service.pass_to(AFTER)
    assert service.reader.digest(then).sha256 == before
    assert service.reader.digest(Question(date(2024, 8, 1))).sha256 != now


def test_an_edition_can_be_gone_back_to_and_each_has_its_time(service: Service, mine: Path, tmp_path: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    first = activate(service, mine)
    service.pass_to(AFTER)
    old = Copy(tmp_path, "old").path
    second = activate(service, old)
    service.pass_to(AFTER + timedelta(days=1))
    someone = people()[0].treatment
    assert service.due(someone) == [(OLD, "2024-08-15")] * 2
    assert service.due(someone, second - timedelta(microseconds=1)) == [(NEW, "2024-07-15")] * 2
    assert service.due(someone, first - timedelta(microseconds=1)) == [(OLD, "2024-08-15")] * 2


def test_a_rebuild_comes_to_the_same_rows_and_tells_nothing(service: Service, mine: Path) -> None:
    book = log()
    service.receive(book.facts)
    service.pass_to(ACTIVATED)
    activate(service, mine)
    service.pass_to(AFTER)
    tables = (fact, roll_up_span, treatment, announcement, edition)
    before = [rows(service.database, table) for table in tables]
    with serving(book) as feed:
        rebuild(service.database, feed.url, service.library.editions, service.clock, lambda done, of: None)
    assert [rows(service.database, table) for table in tables] == before


def test_what_an_activation_changed_in_belief_has_no_fact_for_a_cause(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = activate(service, mine)
    service.pass_to(AFTER)
    found = service.reader.diff(people()[0].treatment, Question(date(2024, 8, 1)), at - timedelta(microseconds=1))
    assert found.facts == ()
    assert {one.requirement for one in found.slots} == {"MON-04"}
    assert {one.caused_by for one in found.slots} == {()}
    (line,) = found.roll_ups
    assert line.before is not None
    assert line.after is not None
    assert (str(line.before.due_on), str(line.after.due_on)) == ("2024-08-15", "2024-07-15")
