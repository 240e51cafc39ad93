"""The course picture: as many marks as slots, each where its date is."""

from collections import Counter
from datetime import date

import pytest

from services.monitoring.dashboard.axis import Axis
from services.monitoring.dashboard.lines import lines_of
from services.monitoring.dashboard.marks import slot_mark
from services.monitoring.dashboard.picture import Picture, picture
from services.monitoring.reading.timeline import entries_on
from services.monitoring.rules.answers import Assessment
from tests.monitoring.api.people import people
from tests.scenario import EDITION, Scenario, treated

LINES = lines_of([EDITION])
INFUSED = [one for one in people() if one.assess("2025-06-01").episodes]


def drawn(t: Scenario, on: str) -> tuple[Assessment, Picture]:
    judged = t.assess(on)
    found = picture(judged, entries_on(t.facts, date.fromisoformat(on)), LINES, "Today,")
    assert found is not None
    return judged, found


@pytest.mark.parametrize("t", INFUSED, ids=lambda t: t.name)
@pytest.mark.parametrize("on", ["2024-09-01", "2025-06-01", "2029-01-01"])
def test_a_lane_has_one_mark_for_each_slot_of_each_standing(t: Scenario, on: str) -> None:
    judged, found = drawn(t, on)
    for lane in found.lanes:
        slots = [slot for slot in judged.slots if slot.requirement == lane.line.requirement]
        marks = Counter(mark.mark for mark in lane.wide.marks)
        marks["not_monitored_here"] += len(lane.wide.hatched)
        assert +marks == Counter(slot_mark(slot) for slot in slots)


def test_slots_that_a_voided_infusion_once_made_are_drawn_beyond_the_end() -> None:
    t = treated("2024-05-15", name="longer")
    t.void_infusion(t.infusion("2025-03-01"), known="2025-03-03")
    judged, found = drawn(t, "2025-06-01")
    lane = next(lane for lane in found.lanes if lane.line.requirement == "MON-01")
    withdrawn = [slot for slot in judged.slots if slot.requirement == "MON-01" and slot.standing == "withdrawn"]
    assert len(withdrawn) == sum(mark.mark == "withdrawn" for mark in lane.wide.marks) > 0


def test_a_mark_stands_at_its_due_date_and_a_rolling_one_where_it_was_done() -> None:
    t = treated("2024-05-15", name="done")
    t.exam("skin", "2025-05-02")
    _, found = drawn(t, "2025-06-01")
    lanes = {lane.line.requirement: lane.wide for lane in found.lanes}
    first, skin = lanes["MON-01"].marks[0], lanes["MON-06"].marks[0]
    assert "due 15\u00a0Jun\u00a02024" in first.title
    span = Axis(date(2024, 4, 5), date(2028, 7, 14))
    assert float(first.x[:-1]) == pytest.approx(span.at(date(2024, 6, 15)), abs=1)
    assert float(skin.x[:-1]) == pytest.approx(span.at(date(2025, 5, 2)), abs=1)


def test_the_red_line_runs_from_the_oldest_unmet_due_date_to_today() -> None:
    t = treated("2024-05-15", name="late")
    judged, found = drawn(t, "2024-09-01")
    lane = next(lane for lane in found.lanes if lane.line.requirement == "MON-01")
    assert lane.wide.red is not None
    assert lane.wide.red.x1 == lane.wide.marks[0].x
    assert found.wide.today is not None
    assert lane.wide.red.x2 == found.wide.today.x
    assert next(row for row in judged.roll_ups if row.requirement == "MON-01").due_on == date(2024, 6, 15)


def test_no_red_line_where_nothing_is_overdue() -> None:
    t = treated("2024-05-15", name="fresh")
    _, found = drawn(t, "2024-06-01")
    assert all(lane.wide.red is None for lane in found.lanes)


def test_a_voided_infusion_stays_in_the_picture_and_out_of_the_sum() -> None:
    t = treated("2024-05-15", name="voided")
    wrong = t.infusion("2024-08-01")
    t.void_infusion(wrong, known="2024-08-03")
    _, found = drawn(t, "2024-09-01")
    infusions = found.events[0].wide
    assert Counter(mark.mark for mark in infusions.marks) == {"infusion": 5, "infusion_voided": 1}
    assert infusions.sum == "1\u00a0course, 60 mg"
    assert "Voided: 1\u00a0August\u00a02024." in infusions.label


def test_there_is_no_picture_before_the_first_infusion() -> None:
    t = Scenario(name="nobody")
    assert picture(t.assess("2024-06-01"), [], LINES, "Today,") is None


@pytest.mark.parametrize("on", ["1900-01-01", "9998-12-31"])
def test_a_course_of_centuries_is_drawn_to_the_ends_of_the_calendar(on: str) -> None:
    t = treated("1900-01-01", name="centuries")
    _, found = drawn(t, on)
    assert found.wide.today is not None


def test_the_axis_cuts_at_its_edges_and_names_its_years() -> None:
    axis = Axis(date(2024, 1, 1), date(2026, 1, 1))
    assert (axis.at(date(2023, 1, 1)), axis.at(date(2030, 1, 1))) == (0, 100)
    assert [tick.label for tick in axis.years()] == ["2024", "2025", "2026"]
    assert axis.years()[-1].left
