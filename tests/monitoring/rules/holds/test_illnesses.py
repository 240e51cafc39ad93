"""HLD-01 … HLD-12, HLD-18 … HLD-21: what opens the hold of an illness, and what ends it (trap 33, D-20)."""

import pytest

from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionExcluded,
    ConditionResolved,
    ConditionRetracted,
    ConditionSuspected,
    EvaluationCompleted,
    FindingRecorded,
    HoldLifted,
    RuleOverridden,
)
from shared.contracts.v1.facts import ReactionReported, ReactionRetracted
from tests.monitoring.rules.infusion_days import held
from tests.scenario import Day, Scenario


def test_a_hold_is_in_force_from_the_day_of_the_suspicion_until_the_day_it_is_over() -> None:
    t = Scenario()
    t.record(ConditionSuspected("active-infection"), "2024-06-02")
    t.record(ConditionResolved("active-infection"), "2024-06-10")
    assert held(t, "2024-06-01", "HLD-01") == []
    assert [one.standing for one in held(t, "2024-06-02", "HLD-01")] == ["in_force"]
    assert [one.standing for one in held(t, "2024-06-10", "HLD-01")] == ["lifted"]


def test_a_hold_that_opens_again_is_another_one() -> None:
    t = Scenario()
    for day in ("2024-06-02", "2024-07-02"):
        t.record(ConditionSuspected("infection"), day)
        t.record(ConditionResolved("infection"), day[:8] + "09")
    t.record(ConditionConfirmed("infection"), "2024-08-02")
    assert [(one.standing, one.opened_on.isoformat()) for one in held(t, "2024-08-02", "HLD-01")] == [
        ("in_force", "2024-08-02"),
        ("lifted", "2024-06-02"),
        ("lifted", "2024-07-02"),
    ]


def test_several_suspicions_open_one_hold_and_all_of_them_are_named() -> None:
    t = Scenario()
    first = t.record(ReactionReported(("petechiae",)), "2024-06-02")
    second = t.record(ConditionSuspected("immune-thrombocytopenia"), "2024-06-03")
    (one,) = held(t, "2024-06-03", "HLD-10")
    assert (one.hold, one.opened_by) == ("itp", (first, second))
    assert one.sentence == "Immune thrombocytopenia suspected on 2024-06-02 by petechiae."


def test_a_sign_of_two_illnesses_opens_a_hold_for_each() -> None:
    t = Scenario()
    t.record(ReactionReported(("epistaxis",)), "2024-06-02")
    t.record(ConditionExcluded("itp"), "2024-06-05")
    assert {one.hold: one.standing for one in held(t, "2024-06-05", "HLD-10")} == {
        "itp": "lifted",
        "acquired-hemophilia-a": "in_force",
    }


def test_a_suspicious_mri_holds_by_itself_until_pml_is_excluded() -> None:
    t = Scenario()
    t.record(FindingRecorded("suspicious-mri"), "2024-06-02")
    t.record(EvaluationCompleted("pml"), "2024-06-04")
    assert [one.standing for one in held(t, "2024-06-04", "HLD-02")] == ["in_force"]
    t.record(ConditionExcluded("pml"), "2024-06-05")
    assert [one.standing for one in held(t, "2024-06-05", "HLD-02")] == ["lifted"]


def test_a_finished_evaluation_ends_the_hold_of_a_suspicion_but_not_of_a_confirmed_illness() -> None:
    t = Scenario()
    t.record(ConditionSuspected("nephropathy"), "2024-06-02")
    t.record(ConditionSuspected("pneumonitis"), "2024-06-02")
    t.record(ConditionConfirmed("nephropathy"), "2024-06-03")
    for name in ("nephropathy", "pneumonitis"):
        t.record(EvaluationCompleted(name), "2024-06-04")
    assert {one.hold: one.standing for one in held(t, "2024-06-04", "HLD-10")} == {
        "nephropathy": "in_force",
        "pneumonitis": "lifted",
    }


def test_a_confirmed_thrombocytopenia_holds_until_a_prescriber_decides() -> None:
    t = Scenario()
    t.record(ConditionConfirmed("itp"), "2024-06-02")
    t.record(ConditionResolved("itp"), "2024-07-02")
    assert {one.rule: one.standing for one in held(t, "2024-07-02", "HLD-04", "HLD-10")} == {
        "HLD-04": "in_force",
        "HLD-10": "lifted",
    }
    t.record(HoldLifted("HLD-04", "counts normal"), "2024-07-03")
    assert [one.standing for one in held(t, "2024-07-03", "HLD-04")] == ["lifted"]


@pytest.mark.parametrize(
    ("rule", "condition"),
    [("HLD-06", "hlh"), ("HLD-07", "aosd"), ("HLD-08", "ttp"), ("HLD-09", "autoimmune-encephalitis")],
)
def test_a_treatment_is_given_up_once_confirmed_or_no_other_cause_is_established(rule: str, condition: str) -> None:
    for statement in (ConditionConfirmed(condition), EvaluationCompleted(condition)):
        t = Scenario()
        t.record(ConditionSuspected(condition), "2024-06-02")
        t.record(statement, "2024-06-04")
        t.record(HoldLifted(rule, "better"), "2024-06-05")
        t.record(ConditionResolved(condition), "2024-06-06")
        (one,) = held(t, "2024-06-06", rule)
        assert (one.standing, one.stops) == ("discontinue", True)


def test_an_exclusion_lifts_only_with_the_cause_where_the_rule_asks_for_one() -> None:
    t = Scenario()
    t.record(ConditionSuspected("hlh"), "2024-06-02")
    t.record(ConditionExcluded("hlh"), "2024-06-04")
    (one,) = held(t, "2024-06-04", "HLD-06")
    assert one.standing == "in_force"
    assert one.sentence.endswith("; on 2024-06-04 it was excluded, but what it was instead is not established.")
    t.record(ConditionExcluded("hlh", "viral-infection"), "2024-06-05")
    (one,) = held(t, "2024-06-05", "HLD-06")
    assert one.sentence.endswith("; on 2024-06-05: excluded, it was viral infection.")


def test_an_evaluation_ends_what_was_given_up_when_a_cause_is_found_later() -> None:
    t = Scenario()
    t.record(ConditionSuspected("aosd"), "2024-06-02")
    t.record(EvaluationCompleted("aosd"), "2024-06-04")
    t.record(ConditionExcluded("aosd", "parvovirus"), "2024-07-04")
    assert [one.standing for one in held(t, "2024-06-30", "HLD-07")] == ["discontinue"]
    assert [one.standing for one in held(t, "2024-07-04", "HLD-07")] == ["lifted"]


def test_what_was_entered_in_error_is_withdrawn_and_was_in_force_until_then_known() -> None:
    t = Scenario()
    wrong = t.record(ConditionSuspected("pml"), "2024-06-02")
    error = t.record(ConditionRetracted("wrong patient"), "2024-06-03", corrects=wrong)
    (one,) = held(t, "2024-06-04", "HLD-02")
    assert (one.standing, one.stops, one.closed_by) == ("withdrawn", False, error)
    assert [one.standing for one in held(t, "2024-06-04", "HLD-02", known="2024-06-02")] == ["in_force"]
    t.void(error, known="2024-06-05")
    assert [one.standing for one in held(t, "2024-06-05", "HLD-02")] == ["in_force"]


def test_a_retracted_reaction_withdraws_and_a_retracted_confirmation_leaves_the_suspicion() -> None:
    t = Scenario()
    sign = t.record(ReactionReported(("jaundice",)), "2024-06-02")
    t.record(ReactionRetracted("in error"), "2024-06-03", corrects=sign)
    assert [one.standing for one in held(t, "2024-06-04", "HLD-05")] == ["withdrawn"]
    t.record(ConditionSuspected("ttp"), "2024-06-02", known="2024-06-05")
    confirmed = t.record(ConditionConfirmed("ttp"), "2024-06-03", known="2024-06-06")
    t.record(ConditionRetracted("in error"), "2024-06-07", corrects=confirmed)
    assert {one.standing for one in held(t, "2024-06-08", "HLD-08")} == {"in_force", "withdrawn"}


def test_on_one_date_times_decide_and_without_them_the_course_of_an_illness() -> None:
    t = Scenario()
    t.record(ConditionExcluded("nephropathy"), "2024-06-02T08:00:00-04:00")
    t.record(ConditionSuspected("nephropathy"), "2024-06-02T16:00:00-04:00")
    assert [one.standing for one in held(t, "2024-06-02", "HLD-10")] == ["in_force"]
    t = Scenario()
    t.record(ConditionExcluded("nephropathy"), Day("2024-06-02"))
    t.record(ConditionSuspected("nephropathy"), "2024-06-02T16:00:00-04:00")
    assert [one.standing for one in held(t, "2024-06-02", "HLD-10")] == ["lifted"]


def test_an_override_goes_on_in_spite_of_a_hold_through_its_last_day() -> None:
    t = Scenario()
    t.record(ConditionSuspected("infection"), "2024-06-02")
    decided = t.record(RuleOverridden("HLD-01", "a cold", "2024-06-05"), "2024-06-03")
    overridden = [held(t, f"2024-06-0{day}", "HLD-01")[0] for day in (2, 3, 5, 6)]
    assert [(one.stops, one.overridden_by) for one in overridden] == [
        (True, None),
        (False, decided),
        (False, decided),
        (True, None),
    ]


def test_a_thyroid_disorder_and_a_malignancy_warn_and_stop_nothing() -> None:
    t = Scenario()
    t.record(ConditionConfirmed("graves-disease"), "2024-06-02")
    t.record(ConditionConfirmed("melanoma"), "2024-06-02")
    t.record(ConditionResolved("melanoma"), "2024-06-03")
    assert [(one.rule, one.severity, one.stops) for one in held(t, "2024-06-03", "HLD-11", "HLD-12")] == [
        ("HLD-11", "WARN", False),
        ("HLD-12", "WARN", False),
    ]


def test_what_only_a_label_contraindicates_is_in_force_in_its_profiles() -> None:
    t = Scenario()
    for name in ("hypersensitivity", "hiv", "stroke"):
        t.record(ConditionConfirmed(name), "2024-06-02")
    asked = ("HLD-18", "HLD-19", "HLD-20")
    assert [one.rule for one in held(t, "2024-06-02", *asked)] == ["HLD-18", "HLD-19"]
    assert [one.rule for one in held(t, "2024-06-02", *asked, profile="eu")] == ["HLD-18", "HLD-19", "HLD-20"]
    assert held(t, "2024-06-02", *asked, profile="seed") == []
