"""Spans of the worked timelines: on every edge of every stretch they say what the pure function says."""

from datetime import date, timedelta

import pytest

from services.monitoring.rules.answers import Span
from services.monitoring.rules.spans import answer, spans
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from tests.monitoring.rules.timelines import all_timelines
from tests.scenario import CBC, EDITION, LIVER, Day, Scenario, treated
from tests.timeline import Timeline


def eventful() -> Scenario:
    """A treatment to which nearly everything happens: two episodes, waivers, absences, a close-out, a correction."""
    t = treated("2020-01-31", name="eventful", days=3)
    t.lab("2020-02-25", *CBC[:2], *LIVER)
    t.lab("2020-03-20", *CBC[2:], "creatinine", "TSH")
    t.waive("MON-01.e1.s3", "2020-05-01", until="2020-05-20")
    t.waive("MON-06.e1.after-first", "2020-09-01")
    t.transfer_out("2020-06-10")
    t.transfer_in("2020-08-25", site="neuro-2")
    t.cbc("2020-09-28")
    t.decline("2020-11-05", "MON-01", "MON-07")
    t.infusion(Day("2021-02"), known="2021-03-02")
    t.resume("2021-03-10")
    t.waive("MON-02", "2021-04-01", until="2021-09-15")
    t.form("2021-05-10")
    t.exam("skin", "2022-03-01")
    for month in ("2024-12", "2025-01", "2025-02"):
        t.cbc(f"{month}-28")
    t.infusion("2025-03-01")
    t.cbc("2025-03-05")
    t.exam("hpv", "2026-01-05")
    t.waive("MON-04", "2026-04-01")
    t.decline("2029-03-01")
    t.death("2029-05-20")
    return t


def late_infusion() -> Scenario:
    t = Scenario(name="late infusion")
    t.exam("skin", "2024-01-10")
    t.infusion("2024-05-15", known="2024-08-20")
    t.lab("2024-08-21", *CBC, known="2024-08-21")
    t.demographics(sex="male", known="2025-01-01")
    t.waive("MON-01.e1.s48", "2028-01-01")
    return t


def finished() -> Scenario:
    """The last windows are filled or waived while they are open; things happen on the day after they close, and later.

    The last slot of MON-01, 02, 03, 05 is due on 2028-05-15 (05-08 … 06-07), that of MON-04 too (04-15 … 07-15).
    """
    t = treated("2024-05-15", days=1, name="finished")
    t.lab("2028-05-10", "TSH")
    t.waive("MON-03.e1.s48", "2028-05-12")
    t.lab("2028-05-20", "creatinine")
    t.cbc("2028-06-07")
    t.decline("2028-06-08")
    t.resume("2028-06-20")
    t.waive("MON-02", "2028-06-21")
    t.exam("skin", "2028-07-01")
    t.death("2030-01-01")
    return t


def stopped() -> Scenario:
    """A second course that turns out, two days later, never to have begun."""
    t = treated(name="stopped")
    second = t.infusion("2025-05-20")
    stop = v1.InfusionStopped(parts.Reference(fact_id=second), "wrong patient", given_mg=0)
    t.record(stop, "2025-05-22")
    return t


def found() -> Scenario:
    """Findings over two episodes: answered, in part, not at all, waived for a while, retracted, after a refusal."""
    t = treated("2020-01-31", name="found", days=1)
    t.record(v1.ReactionReported(("petechiae", "jaundice")), "2020-03-01")
    t.lab("2020-03-03", *CBC[:2], *LIVER)
    t.lab("2020-03-05", *CBC[2:])
    slot = f"TRG-01.e1.for-{t.record(v1.ReactionReported(('epistaxis',)), '2020-04-01', known='2020-04-10')}"
    t.waive(slot, "2020-04-11", until="2020-05-01")
    wrong = t.record(v1.ReactionReported(("jaundice",)), "2020-06-01")
    t.record(v1.ReactionRetracted("wrong chart"), "2020-06-03", corrects=wrong)
    t.decline("2020-07-01")
    t.record(v1.ReactionReported(("hemoptysis",)), "2020-08-01")
    t.resume("2020-09-01")
    t.infusion("2025-03-01")
    t.record(v1.ReactionReported(("petechiae",)), "2025-04-01")
    t.cbc("2025-04-01T07:00:00-04:00")
    t.cbc("2025-04-01T18:00:00-04:00")
    t.record(v1.ReactionReported(("petechiae",)), Day("2025-05"), known="2025-05-20")
    t.death("2025-07-01")
    return t


HISTORIES = [
    Timeline("eventful", eventful(), ()),
    Timeline("late infusion", late_infusion(), ()),
    Timeline("finished", finished(), ()),
    Timeline("stopped", stopped(), ()),
    Timeline("found", found(), ()),
    *all_timelines(),
]


def edges(held: tuple[Span, ...]) -> set[date]:
    days = {day for span in held for day in (span.on_from, span.opens_on, span.due_on, span.closes_on) if day}
    return {day + timedelta(days=shift) for day in days for shift in (-1, 0, 1)}


@pytest.mark.parametrize("timeline", HISTORIES, ids=str)
def test_on_every_edge_a_span_answers_as_the_pure_function_does(timeline: Timeline) -> None:
    treatment = Treatment(EDITION, timeline.history.facts)
    for requirement in EDITION.requirements:
        held = spans(EDITION, timeline.history.facts, requirement)
        chapter = treatment.chapter(requirement)
        assert [span.on_to for span in held[:-1]] == [span.on_from for span in held[1:]]
        assert not held or held[-1].on_to is None
        assert held or not any(chapter.exists(date(year, 1, 1)) for year in range(2020, 2035))
        for day in sorted(edges(held)):
            covering = [span for span in held if span.on_from <= day and (span.on_to is None or day < span.on_to)]
            if chapter.exists(day):
                (span,) = covering
                assert answer(EDITION, span, treatment.belief.treatment, day) == chapter.roll_up(day)
                assert told_by_dates(span, day) == chapter.roll_up(day).standing
            else:
                assert covering == []


def told_by_dates(span: Span, on: date) -> str:
    """The standing as a worklist query compares it."""
    ended = span.closes_on is not None and span.closes_on < on
    if span.state not in {"open", "declined"}:
        return span.state
    if ended:
        return "ended"
    if span.state == "declined":
        return "declined"
    assert span.due_on is not None
    assert span.opens_on is not None
    return "overdue" if span.due_on < on else "due" if span.opens_on <= on else "upcoming"


def test_spans_may_be_asked_from_a_date_on() -> None:
    t = eventful()
    start = date(2021, 7, 1)
    for requirement in EDITION.requirements:
        later, all_of_them = spans(EDITION, t.facts, requirement, from_on=start), spans(EDITION, t.facts, requirement)
        assert [span.on_from for span in later[:1]] == [start for _ in all_of_them[:1]]
        for day in (start, date(2022, 3, 2), date(2026, 1, 6), date(2030, 1, 1)):
            rows = {
                answer(EDITION, span, t.treatment, day)
                for span in (*later, *all_of_them)
                if span.on_from <= day and (span.on_to is None or day < span.on_to)
            }
            assert len(rows) == (1 if all_of_them else 0)


def test_spans_are_few() -> None:
    """A projection writes them for every fact: an untouched treatment needs no more than a handful a requirement."""
    for requirement in EDITION.requirements:
        assert len(spans(EDITION, treated().facts, requirement)) <= 7
