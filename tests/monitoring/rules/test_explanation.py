"""Why one obligation stands as it does: dates, evidence, what decides, what would close it, and the paragraph."""

from datetime import date

from services.monitoring.rules.explaining.considered import Considered
from services.monitoring.rules.explaining.explanation import Explanation, explain
from services.monitoring.rules.explaining.steps import Step, done_again
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1 import facts as v1
from tests.monitoring.rules.timelines_corrections import t5, t7, t7_wrong_patient
from tests.scenario import CBC, EDITION, Day, Scenario, treated


def found(t: Scenario, key: str, on: str, known: str | None = None) -> Explanation | None:
    at = t.known_at(known)
    facts = [fact for fact in t.facts if at is None or fact.recorded_at <= at]
    return explain(Treatment(EDITION, facts), f"{t.treatment}.{key}", date.fromisoformat(on))


def explained(t: Scenario, key: str, on: str, known: str | None = None) -> Explanation:
    explanation = found(t, key, on, known)
    assert explanation is not None
    return explanation


def pieces(explanation: Explanation) -> list[tuple[str, str, str, int, str]]:
    return [(str(one.occurred_on), one.verdict, one.place, one.days, one.why) for one in explanation.evidence]


def dates(explanation: Explanation) -> dict[str, str]:
    return {step.gives: str(step.result) for step in explanation.steps}


def only(explanation: Explanation) -> Considered:
    (one,) = explanation.evidence
    return one


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
    assert explanation.to_close.text == (
        "To close it: ALT, AST and total bilirubin, of 2 May 2025 or later; it stays open until it is done, "
        "and is on time by 5 May 2025."
    )


# The evidence


def test_partial_evidence_is_told_part_by_part_and_what_is_missing_closes_it() -> None:
    explanation = explained(t5().history, "MON-05.e1.s1", "2024-06-18")
    told = [(one.components, one.verdict, one.why) for one in explanation.evidence]
    assert told == [
        (("ALT",), "accepted", "final, inside the window"),
        (("AST",), "rejected", "cancelled by the laboratory"),
        (("AST",), "accepted", "final, inside the window"),
    ]
    assert explanation.to_close.components == ("total bilirubin",)
    assert explanation.paragraph.startswith(
        "ALT, AST and total bilirubin (MON-05) was due on 15 June 2024, 3 days ago, and is overdue, partly done."
    )
    assert "To close it: total bilirubin, of 8 June 2024 or later, by 7 July 2024" in explanation.paragraph


def test_what_lies_in_the_windows_beside_it_is_told_with_what_it_counts_for() -> None:
    t = treated("2024-05-15")
    t.cbc("2024-07-07")
    t.cbc("2024-08-08")
    explanation = explained(t, "MON-01.e1.s2", "2024-08-10")
    assert pieces(explanation) == [
        (
            "2024-07-07",
            "rejected",
            "before",
            1,
            "collected 1 day before the window; it counts for what was due on 15 June 2024",
        ),
        (
            "2024-08-08",
            "rejected",
            "after",
            1,
            "collected 1 day after the window closed; it counts for what was due on 15 August 2024",
        ),
    ]
    assert explanation.evidence[0].counts_for == f"{t.treatment}.MON-01.e1.s1"
    assert "counts for" not in explanation.paragraph


def test_what_was_collected_a_cadence_away_is_looked_at_and_what_lies_farther_is_not() -> None:
    t = treated("2024-05-15")
    t.cbc("2024-06-07", specimen="far")
    t.cbc("2024-06-08", specimen="near")
    t.cbc("2024-09-07", specimen="after")
    t.cbc("2024-09-08", specimen="far after")
    explanation = explained(t, "MON-01.e1.s2", "2024-10-01")
    assert [one.specimen_id for one in explanation.evidence] == ["near", "after"]
    assert [one.specimen_id for one in explained(t, "MON-01.e1.s2", "2024-09-06").evidence] == ["near"]


def test_a_test_in_the_course_of_infusions_fills_no_window() -> None:
    t = treated("2024-01-08", days=3)
    t.cbc("2024-01-10")
    explanation = explained(t, "MON-01.e1.s1", "2024-02-10")
    assert pieces(explanation) == [("2024-01-10", "rejected", "before", 22, "collected 22 days before the window")]


def test_a_voided_result_is_looked_at_and_says_what_voided_it() -> None:
    t = treated("2024-05-15")
    wrong = t.cbc("2024-06-12")
    t.void(wrong, known="2024-06-20")
    explanation = explained(t, "MON-01.e1.s1", "2024-06-25")
    assert pieces(explanation) == [("2024-06-12", "rejected", "inside", 0, "voided by version 8")]
    assert only(explanation).version == 7
    assert explained(t, "MON-01.e1.s3", "2024-06-25").evidence == ()


def test_a_correction_that_waits_for_what_it_names_is_told() -> None:
    t = treated("2024-05-15")
    t.correct_lab("00000000-0000-4000-8000-000000000000", "2024-06-12", *CBC)
    assert [one.why for one in explained(t, "MON-01.e1.s1", "2024-06-25").evidence] == ["waits for what it corrects"]


def test_a_panel_without_its_parts_says_why_it_is_not_enough() -> None:
    t = treated("2024-05-15")
    t.lab("2024-06-12", "58410-2")
    t.lab("2024-06-06", "58410-2")
    assert [(one.place, one.why) for one in explained(t, "MON-01.e1.s1", "2024-06-25").evidence] == [
        ("before", "a CBC panel code without differential; collected 2 days before the window"),
        ("inside", "a CBC panel code without differential"),
    ]


def test_a_second_result_in_the_window_is_extra() -> None:
    t = treated("2024-05-15")
    t.lab("2024-06-12", "creatinine")
    t.lab("2024-06-14", "creatinine")
    told = [(one.verdict, one.why) for one in explained(t, "MON-02.e1.s1", "2024-06-25").evidence]
    assert told == [("accepted", "final, inside the window"), ("rejected", "extra: already there from 2024-06-12")]


def test_a_yearly_item_shows_the_one_that_closed_it_and_the_one_that_it_is_counted_from() -> None:
    t = treated("2024-05-15")
    first = t.exam("skin", "2025-05-01")
    t.exam("skin", "2026-04-20")
    explanation = explained(t, f"MON-06.e1.after-{first}", "2026-05-01")
    assert pieces(explanation) == [
        (
            "2025-05-01",
            "rejected",
            "before",
            335,
            "performed before: the due date is counted from it; it counts for what was due on 15 May 2025",
        ),
        ("2026-04-20", "accepted", "inside", 0, "performed, inside the window"),
    ]
    assert "here counted from 1 May 2025" in explanation.paragraph


def test_evidence_of_the_time_after_the_day_judged_is_not_looked_at() -> None:
    t = treated("2024-05-15")
    t.cbc("2024-06-12")
    assert explained(t, "MON-01.e1.s1", "2024-06-11").evidence == ()


# What decides, and what would close it


def test_a_window_that_has_closed_can_only_be_filled_by_what_was_collected_in_it() -> None:
    explanation = explained(treated("2024-05-15"), "MON-02.e1.s1", "2024-07-08")
    assert explanation.to_close.how == "record"
    assert explanation.paragraph.endswith(
        "Its window is over. Only creatinine of 8 June 2024 to 7 July 2024, recorded later, would still fill it."
    )


def test_what_was_missed_since_the_last_one_done_cannot_be_made_up() -> None:
    t = treated("2024-05-15")
    t.lab("2024-07-10", "creatinine")
    explanation = explained(t, "MON-02.e1.s5", "2024-10-20")
    assert [str(one.due_on) for one in explanation.to_close.cannot_be_made_up] == ["2024-08-15", "2024-09-15"]
    assert explanation.to_close.text.endswith(
        "What was due on 15 August 2024 and 15 September 2024 stay missed: a test now cannot make up for it."
    )


def test_a_long_row_of_missed_ones_is_counted() -> None:
    explanation = explained(treated("2024-05-15"), "MON-02.e1.s5", "2024-10-20")
    assert explanation.to_close.text.endswith(
        "The 4 missed since 15 June 2024 stay missed: a test now cannot make up for it."
    )
    three = explained(treated("2024-05-15"), "MON-02.e1.s4", "2024-09-20").to_close
    assert [str(one.due_on) for one in three.cannot_be_made_up] == ["2024-06-15", "2024-07-15", "2024-08-15"]
    assert "What was due on 15 June 2024, 15 July 2024 and 15 August 2024 stay missed" in three.text


def test_what_was_collected_in_time_still_fills_a_window_that_was_declined_or_waived_when_it_closed() -> None:
    t = treated("2024-05-15")
    t.decline("2024-06-10", "MON-02")
    t.waive("MON-03", "2024-06-10")
    for key, standing in (("MON-02.e1.s1", "declined"), ("MON-03.e1.s1", "waived")):
        assert explained(t, key, "2024-07-07").to_close.how == "collect"
        closed = explained(t, key, "2024-07-08")
        assert (closed.obligation.standing, closed.to_close.how) == (standing, "record")
        assert closed.to_close.text.startswith("Its window is over.")


def test_what_is_not_open_yet_waits_for_its_window() -> None:
    explanation = explained(treated("2024-05-15"), "MON-02.e1.s2", "2024-06-20")
    assert (explanation.to_close.how, explanation.obligation.standing) == ("wait", "upcoming")
    assert explanation.to_close.text.startswith("To close it: creatinine, from 8 July 2024, by 7 August 2024")


def test_a_waiver_decides_and_evidence_beats_it() -> None:
    t = treated("2024-05-15")
    waiver = t.waive("MON-02", "2024-06-10", until="2024-08-01")
    (one,) = explained(t, "MON-02.e1.s1", "2024-06-20").circumstances
    assert (one.kind, one.fact_ids, str(one.until), one.decides) == ("waiver", (waiver,), "2024-08-01", True)
    assert one.why == "The whole requirement was waived on 10 June 2024, through 1 August 2024."
    assert explained(t, "MON-02.e1.s1", "2024-06-20").to_close.text.startswith("Nothing is asked while")
    assert explained(t, "MON-02.e1.s3", "2024-08-10").circumstances == ()
    t.lab("2024-06-12", "creatinine", known="2024-08-20")
    done = explained(t, "MON-02.e1.s1", "2024-06-20")
    assert (done.obligation.standing, done.circumstances[0].decides) == ("done", False)


def test_an_absence_decides_from_its_start_to_the_return() -> None:
    t = treated("2024-05-15")
    out = t.transfer_out("2024-06-20")
    t.transfer_in("2024-09-01")
    handed = explained(t, "MON-02.e1.s1", "2024-09-02")
    (one,) = handed.circumstances
    assert (one.kind, one.fact_ids, one.decides) == ("transfer", (out,), True)
    assert one.why == (
        "Care was transferred out on 20 June 2024 and back on 1 September 2024. "
        "It was overdue already when it was handed over, so it counts as missed."
    )
    away = explained(t, "MON-02.e1.s2", "2024-07-10")
    assert (away.obligation.standing, away.circumstances[0].decides) == ("suspended", True)
    assert (away.circumstances[0].until, away.circumstances[0].why) == (
        None,
        "Care was transferred out on 20 June 2024.",
    )
    assert explained(t, "MON-02.e1.s2", "2024-09-02").obligation.standing == "not_monitored_here"
    assert explained(t, "MON-02.e1.s4", "2024-09-10").circumstances == ()


def test_a_refusal_names_who_declined_what_and_when() -> None:
    t = treated("2024-05-15")
    refusal = t.decline("2024-06-10", "MON-02")
    t.decline("2024-06-10", "MON-04")
    (one,) = explained(t, "MON-02.e1.s1", "2024-06-20").circumstances
    assert (one.kind, one.fact_ids, one.until, one.decides) == ("refusal", (refusal,), None, True)
    assert one.why == "Monitoring was declined on 10 June 2024."
    upcoming = explained(t, "MON-02.e1.s3", "2024-06-20")
    assert (upcoming.obligation.standing, upcoming.circumstances[0].decides) == ("upcoming", False)


def test_death_decides_for_what_was_open_and_not_for_what_had_closed() -> None:
    t = treated("2024-05-15")
    t.death(Day("2024-07-20"), known="2024-07-25")
    cancelled = explained(t, "MON-02.e1.s2", "2024-08-01")
    (one,) = cancelled.circumstances
    assert (one.kind, one.decides, one.fact_ids) == ("death", True, (t.facts[-1].fact_id,))
    assert cancelled.to_close.how == "nothing"
    missed = explained(t, "MON-02.e1.s1", "2024-08-01")
    assert (missed.obligation.standing, missed.circumstances[0].decides) == ("missed", False)
    assert explained(t, "MON-02.e1.s2", "2024-07-19").circumstances == ()
