"""Dates announce: once, in date order, after each clinic's own midnight, and all of it after downtime."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime

from services.monitoring.announcer import Announcer
from shared.clock import ManualClock
from shared.contracts.v1.facts import TreatmentOpened
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook, split
from tests.monitoring.stores import opened, projector, told
from tests.scenario import CODES, EDITION, Scenario, treated

CBC = "MON-01"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _announcer(store: Database) -> Announcer:
    return Announcer(projector(store), ManualClock(), lambda: None)


def _by_dates(store: Database, requirement: str = CBC) -> list[tuple[str, str, str]]:
    """(effective_on, kind, slot) of what no fact caused."""
    rows = told(store, "effective_on", "kind", "obligation_id", "caused_by", "requirement")
    return [
        (date.fromordinal(on).isoformat(), kind, obligation.rsplit(".", 1)[1])
        for on, kind, obligation, cause, of in rows
        if cause is None and of == requirement
    ]


def test_an_obligation_becomes_overdue_on_the_day_after_its_due_date_though_nobody_posts(store: Database) -> None:
    t = treated("2024-05-15")
    t.cbc("2024-06-10")
    projector(store).project(Logbook(t.facts).deliveries)
    announcer = _announcer(store)
    announcer.run_to(_at("2024-07-16T03:59:59+00:00"))
    assert _by_dates(store)[-1] == ("2024-07-08", "became-due", "s2")
    assert announcer.run_to(_at("2024-07-16T04:00:01+00:00")) > 0
    assert _by_dates(store)[-1] == ("2024-07-16", "became-overdue", "s2")


def test_midnight_is_the_clinics_own(store: Database) -> None:
    east, west = treated("2024-05-15", name="e", zone="Asia/Tokyo"), treated("2024-05-15", name="w")
    projector(store).project(Logbook(east.facts, west.facts).deliveries)
    announcer = _announcer(store)
    for hour, overdue in (
        ("2024-06-15T14:59:00+00:00", 0),
        ("2024-06-15T15:01:00+00:00", 1),
        ("2024-06-16T04:01:00+00:00", 2),
    ):
        announcer.run_to(_at(hour))
        assert [kind for _, kind, _ in _by_dates(store)].count("became-overdue") == overdue


def test_nothing_is_told_twice(store: Database) -> None:
    projector(store).project(Logbook(treated("2024-05-15").facts).deliveries)
    assert _announcer(store).run_to(_at("2024-09-01T12:00:00+00:00")) > 0
    before = told(store)
    assert _announcer(store).run_to(_at("2024-09-01T12:00:00+00:00")) == 0
    assert _announcer(store).run_to(_at("2024-09-01T13:00:00+00:00")) == 0
    assert told(store) == before


def test_after_downtime_every_day_is_told_in_date_order_with_its_true_day(store: Database) -> None:
    log = Logbook(treated("2024-05-15", name="a").facts, treated("2024-05-20", name="b").facts)
    projector(store).project(log.deliveries)
    _announcer(store).run_to(_at("2024-08-20T12:00:00+00:00"))
    days = [on for on, _, _ in _by_dates(store)]
    assert days == sorted(days)
    assert ("2024-06-16", "became-overdue", "s1") in _by_dates(store)
    assert ("2024-08-16", "became-overdue", "s3") in _by_dates(store)
    assert ("2024-07-08", "became-missed", "s1") in _by_dates(store)


def test_looking_every_day_or_once_after_a_year_tells_the_same(store: Database, tmp_path: object) -> None:
    log = Logbook(*(one.facts for one in people()[:3]))
    with opened(f"sqlite:///{tmp_path}/other.db") as other:
        projector(store).project(log.deliveries)
        projector(other).project(log.deliveries)
        last = max(fact.recorded_at for fact in log.facts)
        for day in range(0, 400, 40):
            _announcer(store).run_to(datetime.fromtimestamp(last.timestamp() + day * 86_400, UTC))
        _announcer(other).run_to(datetime.fromtimestamp(last.timestamp() + 360 * 86_400, UTC))
        assert _by_dates(store) == _by_dates(other)
        assert len(_by_dates(store)) > 10


def test_a_fact_that_arrives_after_downtime_finds_the_days_before_it_already_told(store: Database) -> None:
    """Whether the announcer ran in time or the consumer was down: a subscriber hears the same, in the same order."""
    t = treated("2024-05-15")
    t.cbc("2024-07-20")
    t.cbc("2024-09-09")
    log = Logbook(t.facts)
    projector(store).project(log.deliveries)
    story = [(on, kind, slot) for on, kind, slot in _whole_story(store) if slot in {"s1", "s2"}]
    assert story == [
        ("2024-05-15", "opened", "s1"),
        ("2024-06-08", "became-due", "s1"),
        ("2024-06-16", "became-overdue", "s1"),
        ("2024-07-08", "became-missed", "s1"),
        ("2024-07-08", "became-due", "s2"),
        ("2024-07-16", "became-overdue", "s2"),
        ("2024-07-20", "satisfied", "s2"),
    ]


def test_the_story_does_not_depend_on_when_the_announcer_looked(store: Database, tmp_path: object) -> None:
    log = Logbook(*(one.facts for one in people()[4:7]))
    with opened(f"sqlite:///{tmp_path}/other.db") as other:
        at_work = projector(other)
        for batch in split(log.deliveries, random.Random(3)):
            at_work.project(batch)
            Announcer(at_work, ManualClock(), lambda: None).run_to(_at(batch[-1].content.recorded_at))
        projector(store).project(log.deliveries)
        assert told(store) == told(other)


def test_a_fact_that_was_recorded_before_midnight_and_arrives_after_it_changes_what_is_told_next(
    store: Database,
) -> None:
    t = treated("2024-05-15")
    t.cbc("2024-06-15", known="2024-06-15T23:50:00-04:00")
    log = Logbook(t.facts)
    at_work = projector(store)
    at_work.project(log.deliveries[:-1])
    _announcer(store).run_to(_at("2024-06-16T04:00:01+00:00"))
    assert ("2024-06-16", "became-overdue", "s1") in _by_dates(store)
    at_work.project(log.deliveries[-1:])
    _announcer(store).run_to(_at("2024-06-17T05:00:00+00:00"))
    assert [kind for _, kind, slot in _whole_story(store) if slot == "s1"][-2:] == ["became-overdue", "satisfied"]


def test_days_on_which_nothing_was_to_be_told_are_not_told_by_a_calendar_that_came_later(store: Database) -> None:
    """The windows move two days forward on 06-07, before any of them had opened: the fact tells it, no date again."""
    t = treated("2024-05-15")
    t.infusion("2024-05-13", known="2024-06-07T12:00:00-04:00")
    projector(store).project(Logbook(t.facts).deliveries)
    _announcer(store).run_to(_at("2024-06-14T12:00:00+00:00"))
    assert [(on, kind) for on, kind, slot in _whole_story(store) if slot == "s1"] == [
        ("2024-05-15", "opened"),
        ("2024-06-07", "rescheduled"),
        ("2024-06-07", "became-due"),
        ("2024-06-14", "became-overdue"),
    ]


def test_a_treatment_of_a_protocol_that_nobody_wrote_is_kept_in_silence(store: Database) -> None:
    t = Scenario(name="other-drug")
    other = TreatmentOpened(protocol="another-drug", site="neuro-1", zone=t.zone)
    t.facts[0] = replace(t.facts[0], data=other)
    t.course("2024-05-15")
    assert projector(store).project(Logbook(t.facts).deliveries).applied == len(t.facts)
    assert told(store) == []


def test_partitions_that_deliver_beside_each_other_tell_no_day_of_a_treatment_whose_facts_are_still_coming(
    store: Database,
) -> None:
    late, early = treated("2024-05-15", name="late"), treated("2024-05-15", name="early")
    late.cbc("2024-06-14")
    early.cbc("2024-06-14")
    early.cbc("2024-09-10")
    log = Logbook(late.facts, early.facts)
    at_work = projector(store)
    at_work.project(log.of(late.treatment)[:-1], in_order=False)
    at_work.project(log.of(early.treatment), in_order=False)
    at_work.project(log.of(late.treatment)[-1:], in_order=False)
    told_of_late = [kind for kind, of in told(store, "kind", "treatment") if of == late.treatment]
    assert "became-overdue" not in told_of_late
    assert "satisfied" in told_of_late
    assert ("2024-07-16", "became-overdue", "s2") in _by_dates(store)


def test_what_one_fact_says_is_told_in_the_protocols_order(store: Database) -> None:
    t = treated("2024-05-15")
    t.lab("2024-06-10", *CODES)
    projector(store).project(Logbook(t.facts).deliveries)
    satisfied = [of for kind, of in told(store, "kind", "requirement") if kind == "satisfied"]
    assert len(satisfied) == 4
    assert satisfied == [name for name in EDITION.requirements if name in satisfied]


def _whole_story(store: Database, requirement: str = CBC) -> list[tuple[str, str, str]]:
    rows = told(store, "effective_on", "kind", "obligation_id", "requirement")
    return [
        (date.fromordinal(on).isoformat(), kind, obligation.rsplit(".", 1)[1])
        for on, kind, obligation, of in rows
        if of == requirement
    ]
