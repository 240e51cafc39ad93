"""DOS-01 … DOS-09: dose, size of a course, consecutive days, one a day, interval (R7, R8, D-07, D-27, D-28)."""

import pytest

from shared.contracts.v1.courses import CourseForgone
from shared.contracts.v1.facts import InfusionStopped
from shared.contracts.v1.parts import Reference
from tests.monitoring.rules.infusion_days import broken
from tests.scenario import Day, Scenario, treated


def test_another_dose_than_12_mg_is_a_deviation_and_is_recorded_all_the_same() -> None:
    t = Scenario()
    t.infusion("2024-05-15", 10)
    (one,) = broken(t, "2024-05-15", "DOS-01")
    assert one.sentence == "10 mg given; 12 mg required."
    assert (one.severity, one.basis, one.course, one.fact_ids) == ("WARN", "seed", 1, (t.facts[1].fact_id,))


def test_a_dose_of_0_mg_is_no_exposure_and_no_deviation() -> None:
    t = Scenario()
    t.infusion("2024-05-15", 0)
    assert broken(t, "2024-06-30", "DOS-01", "DOS-02", "POST-01") == []


def test_what_was_given_of_a_stopped_infusion_is_its_dose() -> None:
    t = Scenario()
    given = t.infusion("2024-05-15")
    t.record(InfusionStopped(Reference(fact_id=given), "hives", 3), "2024-05-15T09:00:00-04:00")
    (one,) = broken(t, "2024-05-15", "DOS-01")
    assert (one.quantities[0].measured, one.quantities[0].required, one.quantities[0].unit) == (3, 12, "mg")


def test_a_full_course_on_consecutive_days_breaks_no_rule_of_dosing() -> None:
    assert broken(treated(), "2024-06-30", *(f"DOS-0{n}" for n in range(1, 10))) == []


@pytest.mark.parametrize(("on", "provisional"), [("2024-06-01", True), ("2024-06-02", False)])
def test_a_short_course_is_provisional_until_15_days_after_its_last_infusion(on: str, provisional: bool) -> None:
    (one,) = broken(treated(days=3), on, "DOS-02")
    assert (one.deviation, one.provisional) == ("incomplete_course", provisional)


def test_five_infusions_with_too_little_in_all_are_an_incomplete_course() -> None:
    t = Scenario()
    for day in range(15, 20):
        t.infusion(f"2024-05-{day}", 12 if day < 19 else 3)
    (one,) = broken(t, "2024-06-30", "DOS-02")
    assert one.sentence == "Course 1 is incomplete: 5/5 infusions, 51/60 mg."


def test_a_sixth_infusion_makes_the_first_course_too_large() -> None:
    (one,) = broken(treated(days=6), "2024-05-20", "DOS-02")
    assert (one.deviation, one.provisional) == ("excess_course", False)
    assert [(each.measured, each.required) for each in one.quantities] == [(6, 5), (72, 60)]


def test_later_courses_are_ones_of_three_days_also_after_a_short_first_one() -> None:
    t = treated(days=2)
    t.course("2025-06-02", 3)
    t.course("2026-06-15", 4)
    assert broken(t, "2026-07-30", "DOS-03") == []
    assert [one.deviation for one in broken(t, "2026-07-30", "DOS-04")] == ["excess_course"]


def test_each_day_left_out_is_told_and_two_courses_are_no_gap_of_one() -> None:
    t = Scenario()
    for day in ("2024-02-26", "2024-02-27", "2024-02-29", "2024-03-03", "2025-04-01"):
        t.infusion(day)
    assert [one.sentence for one in broken(t, "2025-04-01", "DOS-08")] == [
        "Infused on 2024-02-27 and next on 2024-02-29: 1 day left out; consecutive days required.",
        "Infused on 2024-02-29 and next on 2024-03-03: 2 days left out; consecutive days required.",
    ]


def test_an_imprecise_infusion_takes_no_part_in_checks_of_days() -> None:
    t = Scenario()
    t.infusion("2024-03-01")
    t.infusion(Day("2024-03"))
    t.infusion("2024-03-02")
    assert broken(t, "2024-04-30", "DOS-06", "DOS-08") == []


def test_an_imprecise_infusion_counts_by_its_last_day_for_the_wait_and_by_its_first_for_the_next_course() -> None:
    t = Scenario()
    t.infusion(Day("2023-03"))
    t.infusion("2024-03-30")
    (one,) = broken(t, "2024-04-01", "DOS-05")
    assert (one.quantities[0].measured, one.quantities[0].required) == ("2024-03-30", "2024-03-31")


def test_two_infusions_on_one_local_date_are_told_and_one_start_told_twice_is_one() -> None:
    t = Scenario()
    first = t.infusion("2024-05-15T08:00:00-04:00")
    second = t.infusion("2024-05-15T20:00:00-04:00")
    t.infusion("2024-05-16T08:00:00-04:00")
    t.infusion("2024-05-16T12:00:00Z")
    (one,) = broken(t, "2024-05-16", "DOS-06")
    assert (one.severity, one.on.isoformat(), one.fact_ids) == ("BLOCK", "2024-05-15", (first, second))


def test_an_infusion_near_midnight_belongs_to_its_own_local_date() -> None:
    t = Scenario()
    t.infusion("2024-05-15T08:00:00-04:00")
    t.infusion("2024-05-15T23:30:00-05:00")  # 00:30 of the 16th at the clinic
    assert broken(t, "2024-05-16", "DOS-06", "DOS-08") == []


def test_a_gap_of_16_days_is_a_new_course_and_a_serious_deviation_of_the_interval() -> None:
    t = treated(days=3)
    t.infusion("2024-06-02")
    (one,) = broken(t, "2024-06-02", "DOS-05")
    assert (one.severity, one.course) == ("BLOCK", 2)
    t = treated(days=3)
    t.infusion("2024-06-01")
    assert broken(t, "2024-06-01", "DOS-05") == []


def test_a_voided_infusion_breaks_no_rule_from_its_void_on() -> None:
    t = treated()
    t.void_infusion(t.infusion("2024-09-01"), known="2024-09-10")
    assert broken(t, "2024-09-20", "DOS-05") == []
    assert len(broken(t, "2024-09-20", "DOS-05", known="2024-09-05")) == 1


@pytest.mark.parametrize(("begun", "late"), [("2025-06-19", False), ("2025-06-20", True)])
def test_a_second_course_later_than_13_months_after_the_first_is_told_as_information(begun: str, late: bool) -> None:
    t = treated()
    t.course(begun, 3)
    assert [(one.deviation, one.severity) for one in broken(t, "2025-07-30", "DOS-09")] == (
        [("late_course", "INFO")] if late else []
    )


def test_a_second_course_that_nobody_gave_or_decided_against_is_told_from_13_months_on() -> None:
    t = treated()
    assert broken(t, "2025-06-19", "DOS-09") == []
    (one,) = broken(t, "2025-06-20", "DOS-09")
    assert (one.deviation, one.severity, one.course) == ("course_not_begun", "INFO", 2)
    t.record(CourseForgone("stable"), "2025-07-01")
    assert len(broken(t, "2025-06-30", "DOS-09")) == 1
    assert broken(t, "2025-07-01", "DOS-09") == []


def test_the_interval_runs_from_the_last_infusion_of_any_earlier_course() -> None:
    t = treated()
    t.course("2025-06-02", 3)
    t.course("2026-06-01", 3)
    (one,) = broken(t, "2026-06-30", "DOS-05")
    assert (one.course, one.quantities[0].required) == (3, "2026-06-04")
