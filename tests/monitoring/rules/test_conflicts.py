"""What cannot be wholly true is kept and said in the timeline (R6, R16)."""

from services.monitoring.rules.timeline import timeline
from tests.scenario import EDITION, Day, Scenario, treated


def doubts(t: Scenario) -> dict[str, str]:
    """What the timeline says beyond the fact itself, by fact id."""
    summaries = {entry.fact_id: entry.summary for entry in timeline(t.facts, EDITION)}
    return {fact_id: said.partition("; ")[2] for fact_id, said in summaries.items() if "; " in said}


def test_R6_another_dose_for_the_same_start_is_a_conflict_of_the_later_record() -> None:
    t = treated(days=1)
    other = t.infusion("2024-05-15", 10, known="2024-05-20")
    assert doubts(t) == {other: "another dose was recorded first for the same start"}


def test_R6_the_same_dose_for_the_same_start_is_none() -> None:
    t = treated(days=1)
    t.infusion("2024-05-15", 12, known="2024-05-20")
    assert doubts(t) == {}


def test_R6_two_records_of_one_date_without_a_time_are_suspected_duplicates() -> None:
    t = Scenario()
    t.infusion(Day("2024-05-15"), known="2024-05-15")
    second = t.infusion(Day("2024-05-15"), known="2024-05-16")
    assert doubts(t) == {second: "recorded twice for one date, counted once"}


def test_R16_a_specimen_after_the_death_is_a_conflict_and_one_of_that_day_is_not() -> None:
    t = treated()
    t.death("2024-06-10")
    t.cbc("2024-06-10", known="2024-06-11")
    late = t.cbc("2024-06-11", known="2024-06-11")
    assert doubts(t) == {late: "dated after the recorded death"}
