"""The decisions of clinical.md §5, one test each: what was settled where the sources leave a choice.

D-11, D-16 and D-29 have more of them in test_periods.py; D-28 is asked of the public doors in tests/course.
"""

from datetime import date

import pytest

from services.monitoring import catalogue
from services.monitoring.rules import assess
from services.monitoring.rules.edition import Edition, Grid, Once
from shared.contracts.v1 import conditions, parts
from shared.contracts.v1 import facts as v1
from shared.contracts.v1.courses import DosePrepared, ObservationCompleted
from tests.monitoring.rules.infusion_days import broken, held, infused, line, ready
from tests.monitoring.rules.test_periods import ends
from tests.scenario import CBC, EDITION, LIVER, Day, Scenario, treated

SEED = catalogue.load("alemtuzumab-ms", "seed")
EU = catalogue.load("alemtuzumab-ms", "eu")


def test_D01_the_grid_is_counted_from_the_first_infusion_and_a_later_course_moves_only_the_end() -> None:
    t = treated("2023-03-06")
    t.course("2024-03-11", 3)
    view = t.at("2024-04-01")
    assert (view.episode.anchor, view.episode.ends_on) == ("2023-03-06", "2028-03-13")
    assert view.slot("MON-01", 13).due_on == "2024-04-06"


def test_D02_the_end_is_inclusive_and_a_remainder_of_half_a_cadence_gets_a_close_out() -> None:
    on_the_day = treated("2024-01-08", days=1)
    assert on_the_day.at("2028-01-08").slot("MON-01", 48).due_on == on_the_day.at("2028-01-08").episode.ends_on
    t = treated("2023-03-06")
    t.course("2024-03-27", 3)
    assert t.at("2024-04-01").close_out("MON-01").due_on == "2028-03-29"
    assert t.at("2024-04-01").find("MON-04", "e1.close-out") is None


def test_D03_an_infusion_that_was_started_and_stopped_moves_the_end() -> None:
    t = treated("2024-01-08", days=1)
    t.infusion("2024-01-09", mg=3)
    assert t.at("2024-02-01").episode.ends_on == "2028-01-09"


def test_D04_there_is_no_grace_the_day_after_the_due_date_is_overdue() -> None:
    t = treated()
    assert [t.at(day).slot("MON-01", 1).standing for day in ("2024-06-08", "2024-06-15", "2024-06-16")] == [
        "due", "due", "overdue",
    ]  # fmt: skip


def test_D05_liver_tests_are_monthly_by_policy_and_a_warning() -> None:
    liver = EDITION.requirements["MON-05"]
    assert (liver.severity, liver.basis, liver.cadence_basis) == ("WARN", "seed", "policy")
    assert isinstance(liver.timing, Grid)
    assert liver.timing.every_months == 1


def test_D06_tsh_is_the_least_and_thyroid_hormones_alone_are_not_enough() -> None:
    t = treated()
    t.lab("2024-08-10", "3024-7")
    assert t.at("2024-08-10").slot("MON-04", 1).missing == ["TSH"]
    t.lab("2024-08-11", "TSH")
    assert t.at("2024-08-11").slot("MON-04", 1).standing == "done"


def test_D07_the_second_course_is_12_months_after_the_last_infusion_and_late_by_13_is_told_as_info() -> None:
    t = treated("2024-01-08")
    assert str(ready(t, "2024-06-01").earliest_next_course_on) == "2025-01-12"
    assert broken(t, "2025-02-12", "DOS-09") == []
    [late] = broken(t, "2025-02-13", "DOS-09")
    assert late.severity == "INFO"


def test_D08_a_new_course_needs_a_new_baseline_in_the_us_profile_and_in_the_seed_profile_it_does_not() -> None:
    t = Scenario()
    t.cbc("2024-01-02")
    t.course("2024-01-08")
    at = "2025-02-10T09:00:00-05:00"
    assert line(ready(t, "2025-02-09", at), "BAS-01").standing == "not_met"
    assert line(ready(t, "2025-02-09", at, profile="seed"), "BAS-01").standing == "not_applicable"


def test_D09_yearly_skin_exams_end_with_the_end_of_monitoring() -> None:
    t = treated("2024-01-08")
    for day in ("2025-01-05", "2026-01-05", "2027-01-05", "2028-01-05"):
        t.exam("skin", day)
    assert t.at("2028-01-06").roll_up("MON-06").standing == "complete"


def test_D10_hpv_is_first_due_a_year_after_the_last_screen_else_after_the_first_infusion_and_can_be_waived() -> None:
    t = treated("2024-01-08")
    assert t.at("2024-02-01").roll_up("MON-07").due_on == "2025-01-08"
    t.exam("hpv", "2023-06-10", known="2024-02-02")
    assert t.at("2024-02-02").roll_up("MON-07").due_on == "2024-06-10"
    t.waive("MON-07", "2024-03-01")
    assert t.at("2024-07-01").roll_up("MON-07").standing == "waived"


def test_D11_the_antiviral_ends_after_two_months_by_the_monograph_and_waits_for_cd4_in_the_us_profile() -> None:
    t = treated("2024-01-08")
    assert (ends(t, "PRX-01", "2024-06-01", "seed"), ends(t, "PRX-01", "2024-06-01", "us")) == (
        ["2024-03-12"], ["None"],
    )  # fmt: skip


def test_D12_an_infusion_starts_within_8_hours_of_dilution_and_one_that_only_ends_later_is_told_as_info() -> None:
    for start, ended, found in (
        ("2024-01-08T16:10:00-05:00", "2024-01-08T20:30:00-05:00", ["finished_late"]),
        ("2024-01-08T16:10:01-05:00", "2024-01-08T20:30:00-05:00", ["dilution_age"]),
    ):
        t = Scenario()
        t.record(DosePrepared("sodium-chloride-0-9"), "2024-01-08T08:10:00-05:00")
        infused(t, start, ended_at=ended)
        deviations = broken(t, "2024-01-08", "PRP-05")
        assert [one.deviation for one in deviations if one.deviation in {"finished_late", "dilution_age"}] == found
        assert ("INFO" in {one.severity for one in deviations}) == (found == ["finished_late"])


def test_D13_four_hours_count_from_start_to_end_with_the_pauses() -> None:
    t = Scenario()
    infused(t, "2024-01-08T09:00:00-05:00", ended_at="2024-01-08T13:00:00-05:00")
    infused(t, "2024-01-09T09:00:00-05:00", ended_at="2024-01-09T12:59:00-05:00")
    assert [str(one.on) for one in broken(t, "2024-01-10", "INF-02")] == ["2024-01-09"]


def test_D14_under_17_is_blocked_and_17_is_a_warning() -> None:
    def severity(born: str) -> str | None:
        t = Scenario()
        t.demographics(birth_date=born, known="2023-01-01")
        t.infusion("2024-01-08")
        return next((one.severity for one in broken(t, "2024-01-08", "HLD-03")), None)

    assert [severity(born) for born in ("2007-01-09", "2007-01-08", "2006-01-08")] == ["BLOCK", "WARN", None]


def test_D15_two_hours_of_observation_are_asked_for_after_a_stopped_infusion_from_its_stop() -> None:
    t = Scenario()
    given = infused(t, "2024-01-08T09:00:00-05:00")
    stop = v1.InfusionStopped(parts.Reference(given), "hypotension", given_mg=3)
    t.record(stop, "2024-01-08T10:00:00-05:00")
    t.record(ObservationCompleted(), "2024-01-08T11:50:00-05:00")
    [short] = broken(t, "2024-01-09", "POST-01")
    assert short.deviation == "observation_short"
    assert short.quantities[0].measured in {110, 1.83}


def test_D16_the_stroke_watch_runs_through_the_third_local_date_after_each_infusion() -> None:
    assert ends(treated("2024-01-08"), "POST-03", "2024-02-01") == [f"2024-01-{day}" for day in (11, 12, 13, 14, 15)]


def test_D17_immediately_is_the_same_day_and_promptly_is_within_three() -> None:
    days = {one.timing.due_days for one in EDITION.requirements.values() if isinstance(one.timing, Once)}
    assert days == {0, 3}
    t = treated()
    t.record(v1.ReactionReported(("petechiae", "jaundice")), "2025-03-18")
    assert {name: t.at("2025-03-18").roll_up(name).due_on for name in ("TRG-01", "TRG-04")} == {
        "TRG-01": "2025-03-18",
        "TRG-04": "2025-03-21",
    }


def test_D18_a_live_vaccine_is_blocked_until_the_end_of_monitoring_and_a_warning_ever_after() -> None:
    t = treated("2024-01-08")
    t.record(v1.VaccineAdministered("03"), "2027-01-08")
    t.record(v1.VaccineAdministered("03"), "2029-01-08")
    assert [one.severity for one in broken(t, "2029-02-01", "HLD-13")] == ["BLOCK", "WARN"]


def test_D19_a_bacterial_live_vaccine_is_a_warning() -> None:
    t = treated("2024-01-08")
    t.record(v1.VaccineAdministered("19"), "2025-01-08")
    assert [one.severity for one in broken(t, "2025-02-01", "HLD-13")] == ["WARN"]


def test_D20_confirmed_itp_holds_until_a_prescriber_decides() -> None:
    t = treated("2024-01-08")
    t.record(conditions.ConditionConfirmed("itp"), "2025-03-19")
    t.record(conditions.TherapyStarted("itp"), "2025-03-20")
    assert [one.standing for one in held(t, "2025-04-01", "HLD-04")] == ["in_force"]
    t.record(conditions.HoldLifted("HLD-04", "platelets stable"), "2025-05-01")
    assert [one.standing for one in held(t, "2025-05-02", "HLD-04")] == ["lifted"]


@pytest.mark.parametrize("edition", [SEED, EDITION, EU], ids=["seed", "us", "eu"])
def test_D21_no_number_of_a_result_opens_anything_in_any_profile_that_is_shipped(edition: Edition) -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, values={"platelets": 4, "neutrophils": 0.1})
    t.lab("2024-06-10", *LIVER, values={"ALT": 2000})
    found = assess(edition, t.facts, date(2024, 6, 10))
    once = {name for name, one in edition.requirements.items() if isinstance(one.timing, Once)}
    assert {row.requirement for row in found.roll_ups} & once == set()
    assert not any(one.timing.values for one in edition.requirements.values() if isinstance(one.timing, Once))


def test_D22_the_urine_protein_ratio_is_a_baseline_and_recurs_in_no_profile() -> None:
    for edition in (SEED, EDITION, EU):
        codes = {code for one in edition.requirements.values() for part in one.components for code in part.loinc}
        assert "2890-2" not in codes
    assert line(ready(Scenario(), "2024-01-05", "2024-01-08T09:00:00-05:00"), "BAS-04").standing == "not_met"


def test_D23_one_specimen_is_the_next_courses_baseline_and_the_months_test() -> None:
    t = treated("2024-01-08")
    t.cbc("2025-02-06")
    assert t.at("2025-02-06").slot("MON-01", 13).standing == "done"
    assert line(ready(t, "2025-02-09", "2025-02-10T09:00:00-05:00"), "BAS-01").standing == "met"


def test_D24_components_may_come_from_different_specimens_of_one_window() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC[:3])
    t.lab("2024-06-14", *CBC[3:])
    slot = t.at("2024-06-14").slot("MON-01", 1)
    assert (slot.standing, slot.completed_on) == ("done", "2024-06-14")


def test_D25_a_preliminary_result_never_satisfies() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, status="preliminary")
    assert t.at("2024-06-16").slot("MON-01", 1).standing == "overdue"


def test_D26_a_result_in_an_odd_unit_satisfies_the_schedule() -> None:
    t = treated()
    results = tuple(v1.Result(code, "final", value=1, unit="bushel") for code in ("777-3", "6690-2", "718-7"))
    t.record(
        v1.LabResultRecorded("S", (*results, v1.Result("751-8", "final"), v1.Result("731-0", "final"))), "2024-06-10"
    )
    assert t.at("2024-06-10").slot("MON-01", 1).standing == "done"


def test_D27_infusions_up_to_15_days_apart_are_one_course() -> None:
    t = Scenario()
    for day in ("2024-01-08", "2024-01-23", "2024-02-08"):
        t.infusion(day)
    assert [course["infusions"] for course in t.at("2024-03-01").episode.courses] == [2, 1]


def test_D28_a_fact_that_breaks_a_rule_counts_and_the_deviation_is_shown() -> None:
    t = treated("2024-02-26", days=3)
    t.infusion("2025-02-25")
    assert t.at("2025-03-01").episode.ends_on == "2029-02-25"
    assert [one.severity for one in broken(t, "2025-03-01", "DOS-05")] == ["BLOCK"]


def test_D29_an_infusion_known_to_the_month_is_followed_from_its_first_day_to_its_last() -> None:
    t = Scenario()
    t.infusion(Day("2024-02"), known="2024-03-10")
    assert (t.at("2024-03-10").episode.anchor, t.at("2024-03-10").episode.ends_on) == ("2024-02-01", "2028-02-29")


def test_D30_an_unknown_sex_never_drops_a_requirement() -> None:
    row = treated("2024-01-08", sex="unknown").at("2025-02-01").roll_up("MON-07")
    assert (row.standing, row.applicability) == ("overdue", "unknown")


def test_D31_after_the_end_nothing_routine_is_due_but_a_finding_still_asks() -> None:
    t = treated("2024-01-08")
    t.record(v1.ReactionReported(("petechiae",)), "2029-06-01")
    view = t.at("2029-06-01")
    assert {name for name, row in view.roll_ups.items() if row.standing in {"due", "upcoming"}} == {"TRG-01"}


def test_D32_an_infusion_after_the_end_opens_a_new_episode_whose_slots_start_again() -> None:
    t = treated("2024-01-08", days=1)
    t.infusion("2028-01-09")
    view = t.at("2028-02-01")
    assert [one.anchor for one in view.episodes] == ["2024-01-08", "2028-01-09"]
    assert view.slot("MON-01", 1, episode=2).due_on == "2028-02-09"


def test_D33_us_is_the_default_and_each_rule_says_whose_it_is() -> None:
    assert catalogue.load("alemtuzumab-ms").profile == "us"
    assert {one.basis for one in SEED.requirements.values()} <= {"seed", "policy"}
    assert all(one.basis and one.citation for one in EDITION.requirements.values())
    assert "MON-10" not in SEED.requirements
    assert "MON-10" not in EU.requirements


def test_D34_a_screen_counts_from_the_day_it_was_performed_whatever_comes_of_it() -> None:
    t = treated("2024-01-08")
    t.exam("hpv", "2025-01-05")
    assert t.at("2025-01-05").roll_up("MON-07").due_on == "2026-01-05"


def test_D35_any_obligation_can_be_waived_with_a_last_day_and_the_hard_gates_of_the_rems_can_not() -> None:
    t = treated("2024-01-08")
    t.waive("MON-01.e1.s1", "2024-02-10", until="2024-02-20")
    standings = [t.at(day).slot("MON-01", 1).standing for day in ("2024-02-10", "2024-02-20", "2024-02-21")]
    assert standings == ["waived", "waived", "overdue"]
    t.waive("BAS-17", "2025-01-01")
    t.record(conditions.RuleOverridden("BAS-17", "urgent"), "2025-01-01")
    assert line(ready(t, "2025-02-09", "2025-02-10T09:00:00-05:00"), "BAS-17").standing == "not_met"
