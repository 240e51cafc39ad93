"""Which infusion readiness judges, how far it is from the others, what all lines come to (D-14, D-27, D-28)."""

import pytest

from shared.contracts.v1.conditions import ConditionSuspected, HoldPlaced, RuleOverridden
from shared.contracts.v1.courses import AttestationGiven, CourseForgone, CoursePlanned, DosePrepared
from tests.monitoring.rules.infusion_days import line, ready
from tests.scenario import Day, Scenario, treated


def test_an_instant_that_is_asked_for_goes_before_a_plan_and_a_plan_before_the_date_judged() -> None:
    t = Scenario()
    assert (ready(t, "2024-01-05").plan.source, str(ready(t, "2024-01-05").plan.on)) == ("judged", "2024-01-05")
    first = t.record(CoursePlanned("2024-01-15"), "2024-01-02")
    last = t.record(CoursePlanned("2024-01-08", "2024-01-08T09:00:00-05:00"), "2024-01-03")
    plan = ready(t, "2024-01-05").plan
    assert (plan.source, str(plan.on), plan.at, plan.fact_id) == (
        "planned", "2024-01-08", "2024-01-08T14:00:00.000000Z", last,
    )  # fmt: skip
    assert ready(t, "2024-01-02").plan.fact_id == first
    asked = ready(t, "2024-01-05", "2024-01-09T02:00:00Z").plan
    assert (asked.source, str(asked.on), asked.fact_id) == ("asked", "2024-01-08", None)


def test_a_plan_that_is_past_or_voided_is_none() -> None:
    t = Scenario()
    planned = t.record(CoursePlanned("2024-01-08"), "2024-01-02")
    assert ready(t, "2024-01-08").plan.source == "planned"
    assert ready(t, "2024-01-09").plan.source == "judged"
    t.void(planned, known="2024-01-04")
    assert ready(t, "2024-01-05").plan.source == "judged"


@pytest.mark.parametrize(
    ("at", "course", "infusion"),
    [
        ("2024-05-15T07:00:00-04:00", 1, 1),
        ("2024-05-18T08:00:00-04:00", 1, 4),
        ("2024-06-01T08:00:00-04:00", 1, 4),
        ("2024-06-02T08:00:00-04:00", 2, 1),
    ],
)
def test_within_15_days_it_is_one_more_infusion_of_the_same_course(at: str, course: int, infusion: int) -> None:
    plan = ready(treated(days=3), "2024-06-01", at).plan
    assert (plan.course, plan.infusion) == (course, infusion)


def test_the_interval_is_asked_of_the_first_day_of_a_course_only() -> None:
    t = treated()
    assert line(ready(t, "2025-05-01", "2025-05-18T09:00:00-04:00"), "DOS-05").standing == "not_met"
    assert line(ready(t, "2025-05-01", "2025-05-19T09:00:00-04:00"), "DOS-05").standing == "met"
    t.infusion("2025-05-19")
    found = ready(t, "2025-05-20")
    assert (line(found, "DOS-05").standing, str(found.earliest_next_course_on)) == ("met", "2026-05-19")


def test_without_an_infusion_there_is_no_interval() -> None:
    found = ready(Scenario(), "2024-01-05")
    assert (line(found, "DOS-05").standing, found.earliest_next_course_on) == ("not_applicable", None)


def test_a_second_infusion_on_one_day_and_one_too_many_in_a_course_are_not_met() -> None:
    t = treated()
    found = ready(t, "2024-05-19", "2024-05-19T18:00:00-04:00")
    assert (line(found, "DOS-06").standing, line(found, "DOS-02").standing) == ("not_met", "not_met")
    assert line(found, "DOS-02").sentence == "Course 1 is complete: 5 of 5 infusions given."
    before = ready(t, "2024-05-19", "2024-05-19T07:00:00-04:00")
    assert (line(before, "DOS-06").standing, line(before, "DOS-02").standing) == ("met", "met")


def test_a_day_left_out_is_not_met_and_an_imprecise_infusion_has_no_day() -> None:
    t = treated(days=2)
    assert line(ready(t, "2024-05-18"), "DOS-08").sentence == "The infusion before was on 2024-05-16: 1 day left out."
    assert line(ready(t, "2024-05-17"), "DOS-08").standing == "met"
    t = Scenario()
    t.infusion(Day("2024-05"))
    assert line(ready(t, "2024-05-17"), "DOS-08").standing == "not_applicable"


@pytest.mark.parametrize(
    ("birth", "standing", "severity"),
    [("2007-01-09", "not_met", "BLOCK"), ("2007-01-08", "not_met", "WARN"), ("2006-01-08", "met", "BLOCK")],
)
def test_the_age_on_the_planned_day_blocks_or_warns(birth: str, standing: str, severity: str) -> None:
    t = Scenario()
    t.demographics(known="2020-01-02", birth_date=birth)
    found = line(ready(t, "2024-01-05", "2024-01-08T09:00:00-05:00"), "HLD-03")
    assert (found.standing, found.severity) == (standing, severity)


def test_what_is_not_known_is_unknown_and_stops() -> None:
    found = ready(Scenario(), "2024-01-05")
    assert (line(found, "HLD-03").standing, line(found, "ELG-01").standing, found.verdict) == (
        "unknown", "unknown", "no_go",
    )  # fmt: skip


def test_every_hold_in_force_is_a_line_and_one_that_is_overridden_on_the_day_lets_go_on() -> None:
    t = Scenario()
    opened = t.record(ConditionSuspected("infection"), "2024-01-03")
    t.record(HoldPlaced("surgery", "hernia"), "2024-01-03")
    found = ready(t, "2024-01-05", "2024-01-08T09:00:00-05:00")
    assert (line(found, "HLD-01").standing, line(found, "HLD-01").evidence[0].fact_id) == ("not_met", opened)
    assert [one.standing for one in found.lines if one.rule is None] == ["not_met"]
    assert line(found, "HLD-02").standing == "met"
    t.record(RuleOverridden("HLD-01", "a cold", "2024-01-07"), "2024-01-04")
    assert line(ready(t, "2024-01-05", "2024-01-08T09:00:00-05:00"), "HLD-01").standing == "not_met"
    t.record(RuleOverridden("HLD-01", "a cold", "2024-01-08"), "2024-01-05")
    assert line(ready(t, "2024-01-05", "2024-01-08T09:00:00-05:00"), "HLD-01").standing == "overridden"


def test_overdue_core_monitoring_is_among_the_lines() -> None:
    t = treated()
    lines = [one for one in ready(t, "2024-06-20").lines if one.rule == "HLD-22"]
    assert {(one.standing, one.severity) for one in lines} == {("not_met", "WARN")}
    assert "CBC with differential is overdue since 2024-06-15: 5 days; from 14 days on no infusion." in {
        one.sentence for one in lines
    }


def test_a_death_and_a_decision_against_further_courses_are_told() -> None:
    t = treated()
    t.record(CourseForgone("stable"), "2025-01-01")
    found = ready(t, "2025-01-02")
    assert [(one.title, one.severity) for one in found.lines if one.rule is None] == [
        ("Decision against a further course", "WARN")
    ]
    t.record(CoursePlanned("2025-06-02"), "2025-02-01")
    assert [one for one in ready(t, "2025-02-02").lines if one.rule is None] == []
    t.death("2025-03-01")
    found = ready(t, "2025-03-02")
    assert (next(one for one in found.lines if one.rule is None).title, found.verdict) == ("Death", "no_go")


def test_a_third_course_asks_for_somebody_who_says_that_it_is_needed() -> None:
    t = treated()
    t.course("2025-06-02", 3)
    found = ready(t, "2026-05-01", "2026-06-08T09:00:00-04:00")
    assert sorted(one.standing for one in found.lines if one.rule == "DOS-04") == ["met", "not_met"]
    t.record(AttestationGiven("further-course-needed"), "2026-05-02")
    found = ready(t, "2026-05-02", "2026-06-08T09:00:00-04:00")
    assert {one.standing for one in found.lines if one.rule == "DOS-04"} == {"met"}


def test_a_dose_that_is_diluted_already_must_start_within_8_hours() -> None:
    t = Scenario()
    t.infusion("2024-01-08T09:00:00-05:00")
    t.record(DosePrepared("dextrose-5"), "2024-01-08T08:00:00-05:00")
    assert [one for one in ready(t, "2024-01-09", "2024-01-09T08:00:00-05:00").lines if one.rule == "PRP-05"] == []
    made = t.record(DosePrepared("dextrose-5"), "2024-01-09T06:00:00-05:00")
    late = line(ready(t, "2024-01-09", "2024-01-09T14:30:00-05:00"), "PRP-05")
    assert (late.standing, late.sentence) == ("not_met", "It would start 8 h 30 min after dilution; at most 8 h.")
    assert [one.fact_id for one in late.evidence] == [made]
    assert line(ready(t, "2024-01-09", "2024-01-09T14:00:00-05:00"), "PRP-05").standing == "met"
    assert [one for one in ready(t, "2024-01-09").lines if one.rule == "PRP-05"] == []


def test_the_instant_of_an_infusion_that_was_given_means_that_infusion_and_its_date_alone_the_next_one() -> None:
    t = Scenario()
    t.infusion("2024-05-15T08:00:00-04:00")
    assert ready(t, "2024-05-15", "2024-05-15T08:00:00-04:00").plan.infusion == 1
    assert ready(t, "2024-05-15", "2024-05-15T08:01:00-04:00").plan.infusion == 2
    t = Scenario()
    t.infusion(Day("2024-05-15"))
    assert ready(t, "2024-05-15", "2024-05-15T08:00:00-04:00").plan.infusion == 2
    assert ready(t, "2024-05-15").plan.infusion == 2
