"""Why one obligation stands as it does: its dates step by step, the facts that it rests on, what a finding asks for."""

from datetime import date

from services.monitoring.rules.explaining.explanation import explain
from services.monitoring.rules.explaining.steps import Step, done_again
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1 import facts as v1
from tests.monitoring.rules.explained import dates, explained, found, only, pieces
from tests.monitoring.rules.timelines_corrections import t7, t7_wrong_patient
from tests.scenario import CBC, EDITION, Scenario, treated

# The dates


def test_the_dates_of_a_window_are_worked_out_from_the_first_infusion_and_end_with_the_due_date() -> None:
    t = treated("2024-05-15")
    explanation = explained(t, "MON-01.e1.s2", "2024-07-20")
    assert [(step.gives, step.operation, str(step.result)) for step in explanation.steps] == [
        ("anchor", "recorded", "2024-05-15"),
        ("due", "add_months", "2024-07-15"),
        ("opens", "add_days", "2024-07-08"),
        ("next_due", "add_months", "2024-08-15"),
        ("closes", "add_days", "2024-08-07"),
        ("last_infusion", "recorded", "2024-05-19"),
        ("ends", "add_months", "2028-05-19"),
        ("answer", "take", "2024-07-15"),
    ]
    assert [step.source for step in explanation.steps[:3]] == ["fact", "seed", "policy"]
    assert explanation.steps[1].inputs.months == 2
    assert explanation.steps[1].text == "The first infusion plus 2 months"
    assert f"this is number 2. Source: {explanation.rule.citation}. " in explanation.paragraph


def test_a_rhythm_that_is_policy_says_so_although_the_rule_is_the_monographs() -> None:
    explanation = explained(treated(), "MON-05.e1.s1", "2024-06-15")
    assert (explanation.rule.basis, explanation.rule.cadence_basis) == ("seed", "policy")
    assert explanation.rule.citation.startswith("Monograph L155")
    assert explanation.rule.cadence == "every month"
    assert {step.gives: step.source for step in explanation.steps}["due"] == "policy"


def test_a_months_end_does_not_drift() -> None:
    t = treated("2024-01-31")
    assert dates(explained(t, "MON-01.e1.s1", "2024-02-10"))["due"] == "2024-02-29"
    assert dates(explained(t, "MON-01.e1.s2", "2024-02-10"))["due"] == "2024-03-31"


def test_a_close_out_is_due_where_monitoring_ends_and_the_slot_before_it_ends_the_day_before_it_opens() -> None:
    t = Scenario()
    t.course("2023-03-06", 5)
    t.course("2024-03-27", 3)
    close_out = explained(t, "MON-01.e1.close-out", "2024-04-01")
    assert dates(close_out)["due"] == dates(close_out)["answer"] == "2028-03-29"
    assert close_out.steps[1].operation == "take"
    assert (dates(close_out)["opens"], dates(close_out)["closes"]) == ("2028-03-22", "2028-04-21")
    assert dates(explained(t, "MON-01.e1.s60", "2024-04-01"))["closes"] == "2028-03-21"
    assert "this is the last one" in close_out.paragraph


def test_a_yearly_item_is_counted_from_the_last_one_done_and_never_due_before_the_first_infusion() -> None:
    t = Scenario()
    early = t.exam("skin", "2023-01-10", known="2024-05-01")
    t.course("2024-05-15", 5)
    explanation = explained(t, f"MON-06.e1.after-{early}", "2024-06-01")
    assert [(step.gives, step.operation, str(step.result)) for step in explanation.steps[:4]] == [
        ("anchor", "recorded", "2024-05-15"),
        ("since", "recorded", "2023-01-10"),
        ("due", "add_months", "2024-01-10"),
        ("due", "later_of", "2024-05-15"),
    ]
    assert dates(explanation)["answer"] == "2024-05-15"
    assert [one.role for one in explanation.triggers] == ["first_infusion", "last_infusion", "last_done"]
    assert explanation.steps[1].text == "The last one done"


def test_a_waived_yearly_item_is_followed_by_one_a_year_after_it() -> None:
    t = treated()
    skin = t.exam("skin", "2025-05-20")
    t.waive(f"MON-06.e1.after-{skin}", "2026-05-01")
    explanation = explained(t, f"MON-06.e1.after-{skin}.w1", "2026-06-01")
    due = [str(step.result) for step in explanation.steps if step.gives == "due"]
    assert due == ["2026-05-20", "2027-05-20"]


def test_every_step_can_be_done_again_from_its_inputs() -> None:
    t = treated("2024-01-31")
    skin = t.exam("skin", "2024-02-29")
    for key in ("MON-01.e1.s1", "MON-04.e1.s16", "MON-10.e1.s3", f"MON-06.e1.after-{skin}"):
        for line in explained(t, key, "2024-03-10").steps:
            step = Step(line.gives, line.operation, line.inputs, line.source, line.result)
            assert done_again(step) == line.result


# The facts that it rests on


def test_it_names_the_infusions_that_make_the_anchor_and_the_end() -> None:
    t = treated("2024-05-15")
    explanation = explained(t, "MON-01.e1.s1", "2024-06-01")
    named = [(one.role, one.version, str(one.occurred_on), one.summary) for one in explanation.triggers]
    assert named == [
        ("first_infusion", 2, "2024-05-15", "Infusion, 12 mg"),
        ("last_infusion", 6, "2024-05-19", "Infusion, 12 mg"),
    ]
    assert explanation.steps[0].inputs.fact_id == t.fact_id(2)


def test_T7c_evidence_one_day_before_the_window_that_the_void_of_the_first_infusion_moved_is_told() -> None:
    before = explained(t7().history, "MON-01.e1.s1", "2024-06-20", "2024-06-30")
    assert (before.obligation.standing, only(before).verdict) == ("done", "accepted")

    after = explained(t7().history, "MON-01.e1.s1", "2024-06-20")
    assert (after.obligation.standing, str(after.obligation.opens_on)) == ("overdue", "2024-06-07")
    assert pieces(after) == [("2024-06-06", "rejected", "before", 1, "collected 1 day before the window")]
    assert only(after).components == CBC
    assert [(one.change, str(one.due_on), one.type) for one in after.came_about] == [
        ("made", "2024-06-14", "InfusionAdministered"),
        ("moved", "2024-06-13", "InfusionAdministered"),
        ("moved", "2024-06-14", "InfusionVoided"),
    ]
    assert (
        "It was due on 13 June 2024 until version 8 (infusion voided) moved it to 14 June 2024. "
        "It came to be known with this date only after it was due, so it was overdue on discovery. "
        "CBC with differential of 6 June 2024 does not count: collected 1 day before the window."
    ) in after.paragraph
    assert (after.to_close.how, str(after.to_close.from_on), str(after.to_close.by)) == (
        "collect",
        "2024-06-07",
        "2024-07-06",
    )


def test_what_is_owed_no_more_says_which_infusion_made_it_and_what_voided_that() -> None:
    explanation = explained(t7_wrong_patient().history, "MON-01.e1.s49", "2025-06-20")
    assert explanation.obligation.standing == "withdrawn"
    assert explanation.paragraph == (
        "CBC with differential (MON-01), once due on 13 June 2028, is owed no more. The infusion of 19 May 2025 "
        "(version 7) that made it was voided by version 8, recorded on 21 May 2025."
    )
    assert [(one.change, one.version) for one in explanation.came_about] == [("made", 7), ("withdrawn", 8)]
    assert explanation.to_close.how == "nothing"
    assert dates(explanation)["ends"] == "2029-05-19"


def test_a_window_that_only_closes_on_another_day_was_not_moved() -> None:
    t = Scenario()
    t.course("2023-03-06", 5)
    t.course("2024-03-11", 3)
    t.infusion("2024-03-27")
    explanation = explained(t, "MON-01.e1.s60", "2024-04-01")
    assert [(one.change, one.version) for one in explanation.came_about] == [("made", 7)]


def test_what_a_correction_took_away_names_the_correction() -> None:
    t = treated("2024-05-13")
    late = t.infusion("2025-05-19")
    t.record(v1.InfusionAdministered(dose_mg=0), "2025-05-19", corrects=late, known="2025-06-02")
    explanation = explained(t, "MON-01.e1.s60", "2025-06-20")
    assert explanation.paragraph.endswith("is owed no more. Version 8 (infusion, 0 mg) took it away.")


def test_what_does_not_apply_any_more_is_explained_by_what_was_recorded_of_the_patient() -> None:
    t = treated(sex="unknown")
    t.demographics(known="2025-05-01", sex="male")
    explanation = explained(t, "MON-07.e1.after-first", "2025-06-01")
    assert explanation.obligation.standing == "withdrawn"
    (one,) = explanation.circumstances
    assert (one.kind, one.decides, one.fact_ids) == ("applicability", True, (t.facts[-1].fact_id,))
    assert "The sex is recorded as male, so it does not apply." in explanation.paragraph
    unknown = explained(t, "MON-07.e1.after-first", "2025-06-01", "2025-04-30")
    assert unknown.obligation.standing == "overdue"
    assert unknown.circumstances[0].decides is False


def test_what_no_fact_made_is_not_explained() -> None:
    t = treated()
    for key in ("MON-01.e1.s49", "MON-01.e2.s1", "MON-99.e1.s1", "MON-01.x1.s1", "MON-01.e1", "MON-01.e١.s1"):
        assert found(t, key, "2024-06-01") is None
    assert found(t, "MON-01.e1.s1", "2024-05-14") is None
    assert explain(Treatment(EDITION, t.facts), "somebody.MON-01.e1.s1", date(2024, 6, 1)) is None


# What a finding asks for


def test_a_triggered_obligation_names_the_finding_and_counts_the_days_from_it() -> None:
    t = treated("2024-01-08")
    finding = t.record(v1.ReactionReported(("petechiae",)), "2025-03-18T16:00:00-04:00")
    t.cbc("2025-03-07", known="2025-03-19")
    t.cbc("2025-03-18T09:00:00-04:00", known="2025-03-19")
    t.cbc("2025-03-19T08:00:00-04:00")
    explanation = explained(t, f"TRG-01.e1.for-{finding}", "2025-03-20")
    assert explanation.obligation.standing == "done_late"
    assert [(step.gives, str(step.result), step.text) for step in explanation.steps] == [
        ("since", "2025-03-18", "The finding that asks for it"),
        ("due", "2025-03-18", "On the day of the finding"),
        ("opens", "2025-03-18", "From the finding on"),
        ("answer", "2025-03-18", "It is due"),
    ]
    assert [(one.role, one.fact_id) for one in explanation.triggers] == [("finding", finding)]
    assert pieces(explanation) == [
        ("2025-03-07", "rejected", "before", 11, "collected 11 days before the finding that asks for it"),
        ("2025-03-18", "rejected", "inside", 0, "taken before the finding that asks for it"),
        ("2025-03-19", "accepted", "inside", 0, "final, inside the window"),
    ]
    assert "on the day of the finding: reaction: petechiae, of 18 March 2025 (version 7)." in explanation.paragraph


def test_a_test_after_the_finding_counts_although_another_zone_gives_it_an_earlier_date() -> None:
    t = treated("2024-01-08")
    finding = t.record(v1.ReactionReported(("petechiae",)), "2025-03-18T01:00:00-04:00")
    t.cbc("2025-03-18T02:00:00-04:00", zone="Pacific/Honolulu")
    explanation = explained(t, f"TRG-01.e1.for-{finding}", "2025-03-20")
    assert explanation.obligation.standing == "done"
    assert pieces(explanation) == [("2025-03-17", "accepted", "inside", 0, "final, inside the window")]


def test_what_a_retracted_finding_asked_for_is_owed_no_more() -> None:
    t = treated("2024-01-08")
    finding = t.record(v1.ReactionReported(("petechiae",)), "2025-03-18")
    t.record(v1.ReactionRetracted("in error"), corrects=finding, known="2025-03-20")
    explanation = explained(t, f"TRG-01.e1.for-{finding}", "2025-03-21")
    assert explanation.paragraph.endswith(
        "The finding of 18 March 2025 (version 7) that made it was voided by version 8, recorded on 20 March 2025."
    )


def test_a_prompt_one_is_due_some_days_after_the_finding_and_stays_open() -> None:
    t = treated("2024-01-08")
    finding = t.record(v1.ReactionReported(("jaundice",)), "2025-05-02")
    explanation = explained(t, f"TRG-04.e1.for-{finding}", "2025-05-03")
    assert dates(explanation)["due"] == dates(explanation)["answer"] == "2025-05-05"
    assert (explanation.rule.cadence, explanation.rule.cadence_basis) == ("within 3 days of the finding", "policy")
    assert explanation.steps[1].text == "3 days after the finding"
    assert explanation.to_close.text == (
        "To close it: ALT, AST and total bilirubin, of 2 May 2025 or later; it stays open until it is done, "
        "and is on time by 5 May 2025."
    )
