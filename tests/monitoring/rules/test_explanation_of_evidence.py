"""Why one obligation stands as it does: the evidence looked at, what decides, and what would close it."""

from tests.monitoring.rules.explained import explained, only, pieces
from tests.monitoring.rules.timelines_corrections import t5
from tests.scenario import CBC, Day, treated

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


def test_a_result_in_the_window_of_what_is_owed_no_more_counts_for_nothing() -> None:
    t = treated("2024-05-13")
    t.void_infusion(t.infusion("2025-05-19"), known="2025-05-21")
    t.lab("2028-06-12", "creatinine")
    explanation = explained(t, "MON-02.e1.s49", "2028-06-20")
    assert pieces(explanation) == [
        ("2028-06-12", "rejected", "inside", 0, "inside the window that it had, but it is owed no more")
    ]


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
