"""What was recorded, as rows: what no longer holds is struck, what holds in part is not."""

from datetime import date

from services.monitoring.dashboard.record import Recorded, partly_corrected, recorded
from services.monitoring.reading.timeline import entries_on
from tests.scenario import CBC, EDITION, Scenario, treated


def rows(t: Scenario) -> dict[int, Recorded]:
    entries = entries_on(t.facts, date(2030, 1, 1), EDITION)
    return {row.version: row for row in recorded(entries, t.zone, partly_corrected(t.facts))}


def test_a_result_of_which_one_part_was_cancelled_is_not_struck() -> None:
    t = treated("2024-05-15", name="part")
    t.cancel(t.cbc("2024-06-12"), only=("platelets",), known="2024-07-03")
    found = rows(t)
    assert (found[7].struck, found[7].note) == (False, "in part corrected by v8")
    assert found[8].note == "corrects v7"


def test_a_result_that_was_cancelled_whole_is_struck() -> None:
    t = treated("2024-05-15", name="whole")
    t.cancel(t.cbc("2024-06-12"), only=CBC, known="2024-07-03")
    assert rows(t)[7].struck


def test_a_late_entry_shows_its_lag_and_from_a_week_on_it_is_marked() -> None:
    t = treated("2024-05-15", name="lag")
    t.cbc("2024-06-12", known="2024-06-14")
    t.exam("skin", "2024-06-01", known="2024-07-03")
    found = rows(t)
    assert (found[7].lag, found[7].long_lag) == ("2\u00a0d", False)
    assert (found[8].lag, found[8].long_lag) == ("32\u00a0d", True)


def test_the_newest_is_first_and_times_are_the_clinics() -> None:
    t = treated("2024-05-15", name="order")
    t.cbc("2024-06-12", known="2024-06-14")
    entries = entries_on(t.facts, None, EDITION)
    first, *rest = recorded(entries, t.zone)
    assert first.version == 7
    assert [row.version for row in rest] == [6, 5, 4, 3, 2, 1]
    assert first.occurred == "12\u00a0Jun\u00a02024, 08:00"
    assert first.recorded == "14\u00a0Jun\u00a02024, 20:00"
