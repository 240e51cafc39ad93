"""Why a requirement stands as it does: the answer, what closes it, the dates and the evidence."""

from datetime import date

from services.monitoring.dashboard.lines import lines_of
from services.monitoring.dashboard.patient import patient
from services.monitoring.dashboard.why import Why
from services.monitoring.reading.timeline import entries_on
from tests.scenario import EDITION, Scenario, treated

LINES = lines_of([EDITION])


def asked(t: Scenario, on: str, requirement: str) -> Why:
    entries = entries_on(t.facts, date.fromisoformat(on))
    found = patient(t.assess(on), t.facts, entries, LINES, "Patient 0042", "now", requirement)
    assert found.opened == requirement
    assert found.why is not None
    return found.why


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_two_windows_in_a_row_count_from_the_older_and_the_missed_one_stays_missed() -> None:
    t = treated("2024-05-15", name="two")
    why = asked(t, "2024-07-20", "MON-01")
    assert plain(why.answer) == (
        "No complete CBC with differential was collected in the windows due 15 Jun and 15 Jul. "
        "Overdue counts from the oldest:"
    )
    assert plain(why.bold) == "15 June 2024, 35 days ago"
    assert plain(why.to_close) == (
        "Platelets, leukocytes, hemoglobin, neutrophils and lymphocytes, by Wed 7 Aug. "
        "What was due 15 Jun stays missed; a test today cannot make up for it."
    )


def test_the_last_step_is_the_answer_of_the_roll_up() -> None:
    t = treated("2024-05-15", name="steps")
    why = asked(t, "2024-07-20", "MON-01")
    assert plain(why.steps[0].result) == "15 May 2024"
    assert plain(why.steps[1].operation) == "plus 1 month, always from the first infusion"
    assert plain(why.steps[1].result) == "due 15 Jun 2024"
    assert why.steps[-1].total
    assert plain(why.steps[-1].result) == "since 15 Jun, 35 days"
    assert plain(why.steps[-2].result) == "until 19 May 2028"


def test_a_long_run_shows_its_first_and_last_windows_and_counts_those_between() -> None:
    t = treated("2024-05-15", name="long")
    why = asked(t, "2025-01-20", "MON-01")
    assert [plain(step.operation) for step in why.steps if "between" in step.operation] == ["5 windows between"]
    assert plain(why.steps[1].result) == "due 15 Jun 2024"
    assert plain(why.to_close).endswith(
        "The 7 windows missed since 15 Jun 2024 stay missed; a test today cannot make up for it."
    )


def test_evidence_names_its_verdict_and_its_reason() -> None:
    t = treated("2024-05-15", name="evidence")
    t.lab("2024-06-10", "platelets", "leukocytes", "hemoglobin")
    wrong = t.cbc("2024-06-12")
    t.cancel(wrong, known="2024-06-20")
    why = asked(t, "2024-06-25", "MON-01")
    some, none = why.evidence
    assert (some.letter, some.tone) == ("a", "some")
    assert plain(some.verdict) == "3 of 5 parts"
    assert (none.letter, none.tone, none.verdict) == ("b", "no", "Does not count")
    assert none.why
    assert why.zoom is not None
    assert [one.letter for one in why.zoom.letters] == ["a", "b"]


def test_an_item_that_stays_open_has_no_windows_to_draw() -> None:
    t = treated("2024-05-15", name="skin")
    why = asked(t, "2025-06-01", "MON-06")
    assert why.zoom is None
    assert "stays open until done" in why.to_close


def test_what_is_in_order_says_when_it_is_next_due() -> None:
    t = treated("2024-05-15", name="fine")
    t.cbc("2024-06-14")
    why = asked(t, "2024-06-20", "MON-01")
    assert plain(why.answer).startswith("The last one is in order. The next window opens on 8 Jul 2024")
    assert plain(why.bold) == "15 July 2024"
    assert why.to_close == ""
