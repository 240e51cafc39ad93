"""BAS-01 … BAS-20, ELG-01 … ELG-03, INF-01, REM-04: what must be there before (R22, R23, D-08, D-23, D-35)."""

import pytest

from services.monitoring.rules.readiness.line import Readiness
from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionExcluded,
    RuleOverridden,
    TherapyCompleted,
    TherapyStarted,
)
from shared.contracts.v1.courses import (
    AttestationGiven,
    AuthorisationRecorded,
    CounsellingGiven,
    EnrolmentRecorded,
    PremedicationGiven,
)
from shared.contracts.v1.facts import (
    PregnancyEnded,
    PregnancyRecorded,
    ProphylaxisStarted,
    ProphylaxisStopped,
    VaccineAdministered,
)
from shared.contracts.v1.history import ChildbearingPotentialRecorded, PriorTreatmentRecorded, ScreeningCompleted
from tests.monitoring.rules.infusion_days import line, ready
from tests.scenario import CBC, Day, Scenario

START = "2024-01-08T09:00:00-05:00"
TOPICS = (
    "infusion-reactions", "stroke-symptoms", "dissection-symptoms", "long-term-monitoring", "bleeding-symptoms",
    "listeria", "contraception", "breastfeeding", "live-vaccines", "thyroid-in-pregnancy", "benefit-and-risk",
    "self-examination",
)  # fmt: skip


def standing(t: Scenario, rule: str, on: str = "2024-01-08", at: str | None = START, profile: str = "us") -> str:
    return line(ready(t, on, at, profile=profile), rule).standing


@pytest.mark.parametrize(
    ("collected", "ready_"),
    [
        ("2023-12-08T23:59:00-05:00", "not_met"),
        ("2023-12-09T00:01:00-05:00", "met"),
        ("2024-01-08T08:59:00-05:00", "met"),
        ("2024-01-08T09:00:00-05:00", "not_met"),
        ("2024-01-08T11:00:00-05:00", "not_met"),
    ],
)
def test_a_baseline_is_drawn_within_30_days_before_and_before_the_start(collected: str, ready_: str) -> None:
    t = Scenario()
    t.cbc(collected)
    assert standing(t, "BAS-01") == ready_


def test_on_the_day_itself_a_baseline_needs_both_times() -> None:
    t = Scenario()
    t.cbc(Day("2024-01-08"))
    assert standing(t, "BAS-01") == "not_met"
    t = Scenario()
    t.cbc("2024-01-08T07:30:00-05:00")
    found = line(ready(t, "2024-01-08"), "BAS-01")
    assert found.standing == "not_met"
    assert found.evidence[0].why == "on the day of the infusion, not known to be before its start"


def test_components_may_come_from_several_specimens_and_what_is_missing_is_named() -> None:
    t = Scenario()
    early = t.lab("2023-12-08", *CBC[:2])
    good = t.lab("2024-01-05", *CBC[1:4])
    found = line(ready(t, "2024-01-07", START), "BAS-01")
    assert found.sentence == "Platelets, lymphocytes missing between 2023-12-09 and the start on 2024-01-08."
    assert [(one.fact_id, one.shows, one.counts, one.why) for one in found.evidence] == [
        (good, "leukocytes, hemoglobin, neutrophils", True, "final"),
        (early, "platelets", False, "1 day too early"),
    ]


def test_a_cancelled_or_preliminary_result_is_no_baseline() -> None:
    t = Scenario()
    first = t.cbc("2024-01-05")
    t.cancel(first, known="2024-01-06")
    t.cbc("2024-01-06", status="preliminary")
    assert standing(t, "BAS-01") == "not_met"


def test_one_specimen_is_a_monthly_slot_and_the_baseline_of_the_next_course() -> None:
    t = Scenario()
    t.course("2024-05-15")
    t.cbc("2025-05-15")
    assert t.at("2025-05-20").standing("MON-01", 12) == "done"
    assert standing(t, "BAS-01", "2025-05-20", "2025-06-02T09:00:00-04:00") == "met"


def test_a_new_course_needs_new_baseline_tests_in_the_us_but_not_by_the_seed() -> None:
    t = Scenario()
    t.cbc("2024-05-10")
    t.lab("2024-05-10", "2890-2")
    t.course("2024-05-15")
    later = ("2025-06-01", "2025-06-02T09:00:00-04:00")
    assert standing(t, "BAS-01", *later) == "not_met"
    assert standing(t, "BAS-04", *later) == "not_applicable"
    assert standing(t, "BAS-01", *later, profile="seed") == "not_applicable"


def test_without_a_limit_of_days_an_old_result_before_the_start_is_enough() -> None:
    t = Scenario()
    t.cbc("2022-01-08")
    assert standing(t, "BAS-01", profile="seed") == "met"
    assert standing(t, "BAS-01") == "not_met"


def test_a_test_after_the_course_began_closes_the_open_task_as_done_late() -> None:
    t = Scenario()
    t.infusion("2024-01-08T09:00:00-05:00")
    t.cbc("2024-01-08T15:00:00-05:00")
    found = line(ready(t, "2024-01-09", "2024-01-09T09:00:00-05:00"), "BAS-01")
    assert (found.standing, found.sentence) == ("met", "Done late: complete only after the course began on 2024-01-08.")


def test_albumin_is_no_protein_in_the_ratio_to_creatinine() -> None:
    t = Scenario()
    t.lab("2024-01-05", "9318-7")
    found = line(ready(t, "2024-01-07", START), "BAS-04")
    assert found.standing == "not_met"
    t.lab("2024-01-06", "2890-2")
    assert standing(t, "BAS-04") == "met"


def test_a_skin_exam_counts_whenever_it_was_before_the_first_course() -> None:
    t = Scenario()
    t.exam("skin", "2023-02-01")
    assert standing(t, "BAS-07") == "met"


@pytest.mark.parametrize(
    ("result", "then", "expected"),
    [
        ("negative", None, "met"),
        ("not-needed", None, "met"),
        ("indeterminate", None, "not_met"),
        ("positive", None, "not_met"),
        ("positive", TherapyStarted("tuberculosis"), "not_met"),
        ("positive", TherapyCompleted("latent-tuberculosis"), "met"),
        ("positive", ConditionExcluded("tuberculosis"), "met"),
        ("positive", TherapyCompleted("itp"), "not_met"),
    ],
)
def test_tuberculosis_is_screened_for_and_treated_before(result: str, then: object, expected: str) -> None:
    t = Scenario()
    t.record(ScreeningCompleted("tuberculosis", result), "2023-06-01")  # type: ignore[arg-type] # one of its results
    if then is not None:
        t.record(then, "2023-12-01")  # type: ignore[arg-type] # a fact
    assert standing(t, "BAS-08") == expected


def test_who_is_at_no_high_risk_of_hepatitis_needs_no_screening() -> None:
    t = Scenario()
    assert line(ready(t, "2024-01-07", START), "BAS-09").severity == "WARN"
    t.record(ScreeningCompleted("hepatitis-b", "not-needed"), "2023-06-01")
    assert (standing(t, "BAS-09"), standing(t, "BAS-10")) == ("met", "not_met")


@pytest.mark.parametrize(("vaccinated", "expected"), [("2023-11-27", "met"), ("2023-11-28", "not_met")])
def test_who_has_no_antibodies_to_varicella_is_vaccinated_six_weeks_before(vaccinated: str, expected: str) -> None:
    t = Scenario()
    t.record(ScreeningCompleted("varicella-zoster", "negative"), "2023-11-01")
    t.record(VaccineAdministered("21"), vaccinated)
    assert standing(t, "BAS-18") == expected
    assert standing(t, "BAS-19") == expected


def test_the_absence_of_an_infection_is_attested_for_the_very_day() -> None:
    t = Scenario()
    t.record(AttestationGiven("no-active-infection"), "2024-01-07T09:00:00-05:00")
    assert standing(t, "BAS-11") == "not_met"
    t.record(AttestationGiven("no-active-infection"), "2024-01-08T08:00:00-05:00")
    assert standing(t, "BAS-11") == "met"
    assert standing(t, "BAS-11", at="2024-01-08T07:00:00-05:00") == "not_met"


def test_an_attestation_lasts_through_its_last_day() -> None:
    t = Scenario()
    t.record(AttestationGiven("emergency-equipment", "2024-01-08"), "2023-01-07")
    assert standing(t, "INF-01") == "met"
    assert standing(t, "INF-01", at="2024-01-09T09:00:00-05:00") == "not_met"


def test_premedication_is_given_on_the_day_before_the_start() -> None:
    t = Scenario()
    t.record(PremedicationGiven("antipyretic"), "2024-01-08T08:30:00-05:00")
    assert standing(t, "INF-03") == "met"
    assert standing(t, "INF-03", at="2024-01-08T08:00:00-05:00") == "not_met"


@pytest.mark.parametrize(("given", "expected"), [(0, "not_met"), (2, "not_met"), (3, "not_applicable")])
def test_the_us_label_asks_for_a_corticosteroid_on_the_first_three_days(given: int, expected: str) -> None:
    t = Scenario()
    t.course("2024-01-08", given)
    start = f"2024-01-{8 + given:02}T09:00:00-05:00"
    t.record(PremedicationGiven("antipyretic"), start.replace("T09", "T08"))
    assert standing(t, "BAS-13", "2024-01-12", start) == expected
    t.record(PremedicationGiven("corticosteroid"), start.replace("T09", "T08"))
    assert standing(t, "BAS-13", "2024-01-12", start) == ("met" if expected == "not_met" else expected)
    assert [one for one in ready(t, "2024-01-12", start, profile="seed").lines if one.rule == "BAS-13"] == []


def test_an_antiviral_that_was_started_and_not_stopped_is_there_from_the_first_day() -> None:
    t = Scenario()
    t.record(ProphylaxisStarted("antiviral"), "2024-01-08T07:00:00-05:00")
    assert standing(t, "BAS-14") == "met"
    t.record(ProphylaxisStopped("antiviral"), "2024-01-08T08:00:00-05:00")
    assert standing(t, "BAS-14") == "not_met"


def test_contraception_is_asked_of_who_may_bear_children_and_of_whom_nobody_knows() -> None:
    assert standing(Scenario(sex="male"), "BAS-15") == "not_applicable"
    assert standing(Scenario(sex="unknown"), "BAS-15") == "not_met"
    t = Scenario(sex="female")
    t.record(ChildbearingPotentialRecorded("no"), "2023-01-01")
    assert standing(t, "BAS-15") == "not_applicable"
    t = Scenario(sex="male")
    t.record(ChildbearingPotentialRecorded("yes"), "2023-01-01")
    assert standing(t, "BAS-15") == "not_met"
    t.record(CounsellingGiven(("contraception",)), "2024-01-02")
    assert standing(t, "BAS-15") == "met"


def test_an_open_pregnancy_contradicts_a_contraception_that_was_planned() -> None:
    t = Scenario()
    t.record(ProphylaxisStarted("contraception"), "2023-01-01")
    assert standing(t, "BAS-15") == "met"
    t.record(PregnancyRecorded(), "2023-12-01")
    assert line(ready(t, "2024-01-07", START), "BAS-15").sentence == "A pregnancy is recorded since 2023-12-01."
    t.record(PregnancyEnded(), "2023-12-20")
    assert standing(t, "BAS-15") == "met"


def test_counselling_is_complete_for_each_course() -> None:
    t = Scenario()
    t.record(CounsellingGiven(TOPICS[:6]), "2024-05-01")
    assert line(ready(t, "2024-05-10", "2024-05-15T09:00:00-04:00"), "BAS-16").sentence == (
        "Not told about yet: contraception, breastfeeding, live vaccines, thyroid in pregnancy, benefit and risk, "
        "self examination."
    )
    t.record(CounsellingGiven(TOPICS[6:]), "2024-05-02")
    assert standing(t, "BAS-16", "2024-05-10", "2024-05-15T09:00:00-04:00") == "met"
    t.course("2024-05-15")
    assert standing(t, "BAS-16", "2024-05-20", "2024-05-20T09:00:00-04:00") == "met"
    assert standing(t, "BAS-16", "2025-06-01", "2025-06-02T09:00:00-04:00") == "not_met"


def enrolled(t: Scenario, until: str | None = None) -> None:
    for role in ("patient", "prescriber", "site", "pharmacy"):
        t.record(EnrolmentRecorded("lemtrada-rems", role, until), "2023-12-01")  # type: ignore[arg-type] # one of its roles


def test_the_programme_knows_all_four_and_allows_this_course() -> None:
    t = Scenario()
    enrolled(t)
    assert line(ready(t, "2024-01-07", START), "BAS-17").sentence == (
        "Not recorded for lemtrada rems: authorisation of this course."
    )
    t.record(AuthorisationRecorded("lemtrada-rems"), "2023-12-20")
    assert standing(t, "BAS-17") == "met"
    t.course("2024-01-08")
    assert standing(t, "BAS-17", "2025-01-20", "2025-02-03T09:00:00-05:00") == "not_met"
    assert [one.rule for one in ready(t, "2024-01-07", START, profile="seed").lines if one.rule == "BAS-17"] == []


def test_an_enrolment_that_has_lapsed_is_none_and_no_override_helps() -> None:
    t = Scenario()
    enrolled(t, "2024-01-07")
    t.record(AuthorisationRecorded("lemtrada-rems"), "2023-12-20")
    t.record(RuleOverridden("BAS-17", "in a hurry"), "2024-01-05")
    assert standing(t, "BAS-17") == "not_met"


def test_the_illness_must_be_one_that_the_medicine_is_for() -> None:
    t = Scenario()
    t.record(ConditionConfirmed("rrms"), "2020-06-01")
    assert standing(t, "ELG-01") == "met"
    t.record(ConditionConfirmed("ppms"), "2023-06-01")
    assert standing(t, "ELG-01") == "not_met"
    t.record(ConditionExcluded("ppms"), "2023-07-01")
    assert standing(t, "ELG-01") == "met"


def test_a_clinically_isolated_syndrome_warns() -> None:
    t = Scenario()
    t.record(ConditionConfirmed("clinically-isolated-syndrome"), "2020-06-01")
    found = ready(t, "2024-01-07", START)
    assert (line(found, "ELG-01").standing, line(found, "ELG-03").standing) == ("met", "not_met")
    assert line(found, "ELG-03").severity == "WARN"


def test_two_medicines_tried_before_are_asked_for_and_one_in_europe() -> None:
    t = Scenario()
    t.record(PriorTreatmentRecorded("interferon-beta-1a"), "2018-06-01", known="2023-01-01")
    t.record(PriorTreatmentRecorded("interferon-beta-1a"), "2019-06-01", known="2023-01-01")
    t.record(PriorTreatmentRecorded("campath"), "2015-06-01", known="2023-01-01")
    assert (standing(t, "ELG-02"), standing(t, "ELG-02", profile="eu")) == ("not_met", "met")
    t.record(PriorTreatmentRecorded("natalizumab"), "2020-06-01", known="2023-01-02")
    assert standing(t, "ELG-02") == "met"


def test_who_is_65_is_told_as_information() -> None:
    t = Scenario()
    t.demographics(known="2020-01-02", birth_date="1959-01-08")
    (one,) = [one for one in ready(t, "2024-01-07", START).lines if one.rule == "HLD-21" and "years" in one.sentence]
    assert (one.standing, one.severity) == ("not_met", "INFO")


def complete() -> Scenario:
    """Everything that is asked for before a first course in the US."""
    t = Scenario(sex="male")
    t.demographics(known="2020-01-02", birth_date="1990-01-01")
    t.record(ConditionConfirmed("rrms"), "2020-06-01")
    for product in ("interferon-beta-1a", "natalizumab"):
        t.record(PriorTreatmentRecorded(product), "2021-06-01")
    for name, result in (
        ("tuberculosis", "negative"), ("hepatitis-b", "not-needed"), ("hepatitis-c", "not-needed"),
        ("varicella-zoster", "positive"), ("hiv", "negative"),
    ):  # fmt: skip
        t.record(ScreeningCompleted(name, result), "2023-10-01")  # type: ignore[arg-type] # one of its results
    enrolled(t)
    t.exam("skin", "2023-12-10")
    t.lab("2023-12-20", *CBC, "creatinine", "urine RBC", "urine WBC", "TSH", "ALT", "AST", "total bilirubin", "2890-2")
    t.record(AuthorisationRecorded("lemtrada-rems"), "2023-12-21")
    t.form("2023-12-21", "baseline-lab")
    t.record(CounsellingGiven(TOPICS), "2023-12-21")
    t.record(AttestationGiven("emergency-equipment"), "2024-01-01")
    t.record(AttestationGiven("cold-chain"), "2024-01-08T06:00:00-05:00")
    t.record(AttestationGiven("no-active-infection"), "2024-01-08T07:00:00-05:00")
    t.record(ProphylaxisStarted("antiviral"), "2024-01-08T07:00:00-05:00")
    t.record(PremedicationGiven("corticosteroid"), "2024-01-08T08:30:00-05:00")
    return t


def open_lines(found: Readiness) -> list[tuple[str | None, str]]:
    return [(one.rule, one.sentence) for one in found.lines if one.standing in {"not_met", "unknown"}]


def test_with_everything_there_it_is_go() -> None:
    found = ready(complete(), "2024-01-08", START)
    assert (open_lines(found), found.verdict) == ([], "go")


def test_a_warning_or_an_override_lets_go_with_warnings_and_a_missing_prerequisite_stops() -> None:
    t = complete()
    t.record(ConditionConfirmed("graves-disease"), "2024-01-08T08:40:00-05:00")
    assert ready(t, "2024-01-08", START).verdict == "go_with_warnings"
    t = complete()
    skin = next(fact.fact_id for fact in t.facts if fact.type == "ExamPerformed")
    t.void(skin, known="2024-01-09")
    assert ready(t, "2024-01-08", START).verdict == "no_go"
    t.record(RuleOverridden("BAS-07", "seen by a dermatologist elsewhere"), "2024-01-07", known="2024-01-10")
    assert ready(t, "2024-01-08", START).verdict == "go_with_warnings"


def test_counselling_about_something_else_plans_no_contraception() -> None:
    t = Scenario()
    t.record(CounsellingGiven(("listeria",)), "2024-01-02")
    assert standing(t, "BAS-15") == "not_met"


def test_a_vaccine_on_the_very_day_is_too_late() -> None:
    t = Scenario()
    t.record(VaccineAdministered("141"), "2024-01-08T08:00:00-05:00")
    assert standing(t, "BAS-19") == "not_met"
