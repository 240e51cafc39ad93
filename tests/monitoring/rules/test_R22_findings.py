"""R22 and §1G: a finding asks once, for evidence of from then on; overlapping findings ask for all of it."""

from shared.contracts.v1 import conditions
from shared.contracts.v1 import facts as v1
from tests.scenario import CBC, LIVER, Day, Scenario, treated

ONSET = "2025-03-18T16:00:00-04:00"


def reported(t: Scenario, *signs: str, when: str | Day = ONSET, **how: str) -> str:
    return t.record(v1.ReactionReported(signs), when, **how)


def asked(t: Scenario, requirement: str, on: str, known: str | None = None) -> list[tuple[str, str]]:
    """The standing and due date of what findings ask for."""
    return [(one.standing, one.due_on) for one in t.at(on, known).all_slots if one.requirement == requirement]


def test_a_requirement_that_no_finding_asks_for_is_on_no_list() -> None:
    view = treated().at("2025-03-18")
    assert not [name for name in view.roll_ups if name.startswith("TRG")]


def test_a_test_of_the_same_day_but_before_the_onset_does_not_count() -> None:
    t = treated()
    reported(t, "petechiae")
    t.cbc("2025-03-18T15:59:59-04:00")
    assert asked(t, "TRG-01", "2025-03-18") == [("due", "2025-03-18")]
    [slot] = [one for one in t.at("2025-03-18").all_slots if one.requirement == "TRG-01"]
    assert [line["why"] for line in slot.evidence] == ["taken before the finding that asks for it"]


def test_a_test_at_the_very_instant_of_the_onset_counts() -> None:
    t = treated()
    reported(t, "petechiae")
    t.cbc(ONSET)
    assert asked(t, "TRG-01", "2025-03-18") == [("done", "2025-03-18")]


def test_where_the_onset_is_only_a_date_a_test_of_that_date_counts() -> None:
    t = treated()
    reported(t, "petechiae", when=Day("2025-03-18"), known="2025-03-18")
    t.cbc("2025-03-18T06:00:00-04:00")
    assert asked(t, "TRG-01", "2025-03-18") == [("done", "2025-03-18")]


def test_where_the_test_is_only_dated_one_of_the_same_date_counts_and_one_of_the_day_before_does_not() -> None:
    for day, standing in (("2025-03-18", "done"), ("2025-03-17", "due")):
        t = treated()
        t.cbc(Day(day), known="2025-03-18")
        reported(t, "petechiae")
        assert asked(t, "TRG-01", "2025-03-18") == [(standing, "2025-03-18")]


def test_a_symptom_recorded_late_is_overdue_on_discovery_and_a_test_of_after_the_onset_satisfies_it() -> None:
    t = treated()
    reported(t, "petechiae", when="2025-03-02", known="2025-03-09")
    [slot] = [one for one in t.at("2025-03-09").all_slots if one.requirement == "TRG-01"]
    assert (slot.standing, slot.overdue_on_discovery) == ("overdue", True)
    t.cbc("2025-03-04", known="2025-03-10")
    assert asked(t, "TRG-01", "2025-03-10") == [("done_late", "2025-03-02")]


def test_the_same_signs_ask_of_every_requirement_they_speak_to_and_one_specimen_may_close_several() -> None:
    t = treated()
    reported(t, "jaundice")
    view = t.at("2025-03-18")
    assert {name for name in view.roll_ups if name.startswith("TRG")} == {"TRG-03", "TRG-04"}
    t.lab("2025-03-19", *CBC, *LIVER)
    assert asked(t, "TRG-03", "2025-03-19") == [("done", "2025-03-21")]
    assert asked(t, "TRG-04", "2025-03-19") == [("done", "2025-03-21")]


def test_hemoptysis_asks_for_blood_kidney_and_lung() -> None:
    t = treated()
    reported(t, "hemoptysis")
    assert {name for name in t.at("2025-03-18").roll_ups if name.startswith("TRG")} == {"TRG-01", "TRG-05", "TRG-14"}


def test_several_signs_of_one_report_ask_once_and_a_second_report_asks_anew() -> None:
    t = treated()
    reported(t, "petechiae", "epistaxis")
    t.cbc("2025-03-18T18:00:00-04:00")
    reported(t, "petechiae", when="2025-03-25")
    assert asked(t, "TRG-01", "2025-03-25") == [("done", "2025-03-18"), ("due", "2025-03-25")]
    assert t.at("2025-03-26").roll_ups["TRG-01"].due_on == "2025-03-25"


def test_a_later_test_closes_every_finding_before_it() -> None:
    t = treated()
    reported(t, "petechiae")
    reported(t, "epistaxis", when="2025-03-20")
    t.cbc("2025-03-21")
    assert asked(t, "TRG-01", "2025-03-21") == [("done_late", "2025-03-18"), ("done_late", "2025-03-20")]


def test_a_suspicion_entered_in_error_withdraws_what_it_asked_for_and_one_excluded_closes_it() -> None:
    wrong, right = treated(), treated()
    for t in (wrong, right):
        suspicion = t.record(conditions.ConditionSuspected("hlh"), "2025-03-18")
        if t is wrong:
            t.record(conditions.ConditionRetracted("wrong chart"), "2025-03-19", corrects=suspicion)
        else:
            t.record(conditions.ConditionExcluded("hlh", cause="sepsis"), "2025-03-19")
    assert asked(wrong, "TRG-06", "2025-03-19") == [("withdrawn", "2025-03-18")]
    assert "TRG-06" not in wrong.at("2025-03-19").roll_ups
    assert asked(wrong, "TRG-06", "2025-03-19", known="2025-03-18") == [("overdue", "2025-03-18")]
    assert asked(right, "TRG-06", "2025-03-19") == [("done_late", "2025-03-18")]


def test_a_finding_before_the_first_infusion_asks_for_nothing() -> None:
    t = Scenario(opened="2024-01-01")
    reported(t, "petechiae", when="2024-01-05")
    t.course("2024-01-08")
    assert asked(t, "TRG-01", "2024-02-01") == []


def test_what_a_finding_asks_for_stays_open_after_the_end_of_monitoring() -> None:
    t = treated("2024-01-08")
    reported(t, "petechiae", when="2028-03-01")
    view = t.at("2028-03-05")
    assert view.roll_ups["MON-01"].standing == "ended"
    assert view.roll_ups["TRG-01"].standing == "overdue"


def test_waiver_refusal_transfer_and_death_stand_over_a_finding_as_over_any_requirement() -> None:
    def told() -> tuple[Scenario, str]:
        t = treated()
        return t, f"TRG-01.e1.for-{reported(t, 'petechiae')}"

    t, slot = told()
    t.waive(slot, "2025-03-19")
    assert asked(t, "TRG-01", "2025-03-20") == [("waived", "2025-03-18")]
    assert t.at("2025-03-20").roll_ups["TRG-01"].standing == "waived"
    t, _ = told()
    t.decline("2025-03-19")
    assert asked(t, "TRG-01", "2025-03-20") == [("declined", "2025-03-18")]
    t, _ = told()
    t.transfer_out("2025-03-19")
    assert asked(t, "TRG-01", "2025-03-20") == [("suspended", "2025-03-18")]
    t, _ = told()
    t.death("2025-03-19")
    assert asked(t, "TRG-01", "2025-03-20") == [("cancelled", "2025-03-18")]


def test_pregnancy_asks_for_thyroid_function() -> None:
    t = treated()
    t.record(v1.PregnancyRecorded(), "2025-03-18")
    assert asked(t, "TRG-17", "2025-03-18") == [("due", "2025-03-21")]
    t.lab("2025-03-20", "TSH")
    assert asked(t, "TRG-17", "2025-03-20") == [("done", "2025-03-21")]


def test_what_a_finding_asks_for_stays_open_and_overdue_though_another_episode_begins() -> None:
    """R21 closes yearly items at the next episode; nothing closes the evaluation of a suspected PML but itself."""
    t = treated("2024-01-08")
    t.record(conditions.ConditionSuspected("pml"), "2028-01-20")
    t.infusion("2028-06-05")
    assert asked(t, "TRG-11", "2028-06-10") == [("overdue", "2028-01-20")]
    line = t.at("2028-06-10").roll_ups["TRG-11"]
    assert (line.standing, line.days_overdue, line.slot_due_on) == ("overdue", 142, "2028-01-20")
    t.record(conditions.ConditionExcluded("pml"), "2028-06-12")
    assert asked(t, "TRG-11", "2028-06-12") == [("done_late", "2028-01-20")]
    assert t.at("2028-06-12").roll_ups["TRG-11"].standing == "complete"


def test_a_test_after_the_onset_counts_although_its_zone_has_an_earlier_date() -> None:
    t = treated()
    reported(t, "petechiae", when="2025-03-19T00:30:00+14:00", zone="Pacific/Kiritimati", known="2025-03-19")
    t.cbc("2025-03-18T07:00:00-04:00", known="2025-03-19")
    assert asked(t, "TRG-01", "2025-03-19") == [("done", "2025-03-19")]


def test_a_test_before_the_onset_does_not_count_whatever_dates_their_zones_have() -> None:
    t = treated()
    reported(t, "petechiae", when="2025-03-19T00:30:00+14:00", zone="Pacific/Kiritimati", known="2025-03-19")
    t.cbc("2025-03-18T06:00:00-04:00", known="2025-03-19")
    t.cbc(Day("2025-03-18"), known="2025-03-19")
    assert asked(t, "TRG-01", "2025-03-19") == [("due", "2025-03-19")]


def test_a_percentage_counts_from_the_day_of_the_count_that_it_is_a_share_of() -> None:
    t = treated()
    reported(t, "petechiae")
    t.lab("2025-03-18T08:00:00-04:00", "770-8", "736-9", specimen="S")
    t.lab("2025-03-19", "leukocytes", "platelets", "hemoglobin", specimen="S")
    assert asked(t, "TRG-01", "2025-03-19") == [("done_late", "2025-03-18")]


def test_a_percentage_of_before_the_onset_does_not_count_though_its_count_is_of_the_same_specimen() -> None:
    t = treated()
    reported(t, "petechiae")
    t.lab("2025-03-18T08:00:00-04:00", *CBC[:3], "770-8", "736-9", specimen="S")
    [slot] = [one for one in t.at("2025-03-18").all_slots if one.requirement == "TRG-01"]
    assert (slot.standing, slot.missing) == ("due", list(CBC))


def test_a_withdrawn_obligation_is_not_partly_there() -> None:
    t = treated()
    wrong = reported(t, "petechiae")
    t.lab("2025-03-19", "platelets")
    t.record(v1.ReactionRetracted("wrong chart"), "2025-03-20", corrects=wrong)
    [slot] = [one for one in t.at("2025-03-20").all_slots if one.requirement == "TRG-01"]
    assert (slot.standing, slot.partial) == ("withdrawn", False)
