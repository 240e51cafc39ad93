"""R10–R12: slots, windows, the close-out slot and the end of the grid."""

import pytest

from tests.scenario import Scenario, treated
from tests.view import window


def done(t: Scenario, requirement: str, on: str = "2035-01-01") -> list[str]:
    """The keys of the slots that have evidence."""
    return [slot.obligation_id.split(f"{requirement}.")[1] for slot in t.at(on).slots(requirement) if slot.completed_on]


def test_R10_windows_leave_no_gap_and_do_not_overlap() -> None:
    slots = treated().at("2024-06-01").slots("MON-01")

    assert [window(slot) for slot in slots[:3]] == [
        "2024-06-15 (2024-06-08 … 2024-07-07)",
        "2024-07-15 (2024-07-08 … 2024-08-07)",
        "2024-08-15 (2024-08-08 … 2024-09-07)",
    ]
    assert window(slots[-1]) == "2028-05-15 (2028-05-08 … 2028-06-07)"


def test_quarterly_windows_open_fourteen_days_early() -> None:
    slots = treated().at("2024-06-01").slots("MON-04")

    assert [window(slot) for slot in slots[:2]] == [
        "2024-08-15 (2024-08-01 … 2024-10-31)",
        "2024-11-15 (2024-11-01 … 2025-01-31)",
    ]
    assert len(slots) == 16


def test_six_monthly_windows_open_thirty_days_early() -> None:
    slots = treated().at("2024-06-01").slots("MON-10")

    assert [window(slot) for slot in slots[:2]] == [
        "2024-11-15 (2024-10-16 … 2025-04-14)",
        "2025-05-15 (2025-04-15 … 2025-10-15)",
    ]
    assert len(slots) == 8


def test_months_are_the_cadence_of_every_monthly_item() -> None:
    view = treated().at("2024-06-01")

    for requirement in ("MON-02", "MON-03", "MON-05"):
        slots = view.slots(requirement)
        assert (len(slots), window(slots[0])) == (48, "2024-06-15 (2024-06-08 … 2024-07-07)")


@pytest.mark.parametrize(
    ("collected", "filled"),
    [
        ("2024-06-07", []),
        ("2024-06-08", ["e1.s1"]),
        ("2024-07-07", ["e1.s1"]),
        ("2024-07-08", ["e1.s2"]),
        ("2028-06-07", ["e1.s48"]),
        ("2028-06-08", []),
    ],
)
def test_R10_a_specimen_fills_the_one_slot_whose_window_it_falls_in(collected: str, filled: list[str]) -> None:
    t = treated()
    t.cbc(collected)

    assert done(t, "MON-01") == filled


def test_R10_a_specimen_before_the_first_window_fills_no_slot() -> None:
    t = treated()
    t.cbc("2024-05-17")
    t.cbc("2024-05-10")

    assert done(t, "MON-01") == []


def test_R10_a_specimen_between_two_episodes_fills_no_slot() -> None:
    t = treated()
    t.infusion("2029-01-10")
    t.cbc("2028-12-01")
    assert done(t, "MON-01") == []

    t.cbc("2029-02-05")
    assert done(t, "MON-01") == ["e2.s1"]


def test_R10_of_two_complete_specimens_in_one_window_the_first_completes_it() -> None:
    t = treated()
    t.cbc("2024-06-20")
    t.cbc("2024-06-10", known="2024-06-21")

    view = t.at("2024-06-21")
    assert (view.slot("MON-01", 1).completed_on, view.standing("MON-01", 2)) == ("2024-06-10", "upcoming")


def test_R11_half_a_cadence_before_the_end_makes_a_close_out_slot_of_the_monthly_grid() -> None:
    fourteen, fifteen = treated("2023-03-06"), treated("2023-03-06")
    fourteen.infusion("2024-03-20")
    fifteen.infusion("2024-03-21")

    assert fourteen.at("2024-04-01").find("MON-01", "e1.close-out") is None
    assert window(fifteen.at("2024-04-01").close_out("MON-01")) == "2028-03-21 (2028-03-14 … 2028-04-13)"


def test_R11_half_a_cadence_of_the_quarterly_grid_is_45_days() -> None:
    short, long = treated("2023-03-06"), treated("2023-03-06")
    short.infusion("2023-04-19")
    long.infusion("2023-04-20")

    assert short.at("2023-05-01").find("MON-04", "e1.close-out") is None
    assert window(long.at("2023-05-01").close_out("MON-04")) == "2027-04-20 (2027-04-06 … 2027-07-05)"


def test_R11_half_a_cadence_of_the_six_monthly_grid_is_90_days() -> None:
    short, long = treated("2023-03-06"), treated("2023-03-06")
    short.infusion("2023-06-03")
    long.infusion("2023-06-04")

    assert short.at("2023-07-01").find("MON-10", "e1.close-out") is None
    assert window(long.at("2023-07-01").close_out("MON-10")) == "2027-06-04 (2027-05-05 … 2027-11-03)"


def test_R11_the_last_regular_slot_ends_the_day_before_the_close_out_opens() -> None:
    t = treated("2023-03-06")
    t.course("2024-03-27", 3)

    view = t.at("2024-04-01")
    assert window(view.slot("MON-01", 60)) == "2028-03-06 (2028-02-28 … 2028-03-21)"
    assert window(view.close_out("MON-01")) == "2028-03-29 (2028-03-22 … 2028-04-21)"
    assert view.slots("MON-01")[-1].close_out is True
    assert view.slots("MON-01")[-1].slot is None
    assert view.slots("MON-01")[-2].close_out is False


def test_R11_a_specimen_fills_the_close_out_slot_or_the_last_regular_one_but_never_both() -> None:
    t = treated("2023-03-06")
    t.course("2024-03-27", 3)
    t.cbc("2028-03-21")
    assert done(t, "MON-01") == ["e1.s60"]

    t.cbc("2028-03-22")
    assert done(t, "MON-01") == ["e1.s60", "e1.close-out"]


def test_R11_when_the_end_moves_the_close_out_slot_moves_with_it() -> None:
    t = treated("2023-03-06")
    t.course("2024-03-27", 2)
    t.infusion("2024-03-29", known="2024-05-01")

    assert t.at("2024-05-01", "2024-04-30").close_out("MON-01").due_on == "2028-03-28"
    assert t.at("2024-05-01").close_out("MON-01").due_on == "2028-03-29"


def test_R11_when_the_end_moves_away_the_close_out_slot_is_withdrawn_and_its_specimen_falls_back() -> None:
    t = treated("2023-03-06")
    late = t.infusion("2024-03-29")
    t.cbc("2028-03-25")
    assert t.at("2028-03-25").close_out("MON-01").standing == "done"
    t.void_infusion(late, known="2028-03-26")
    t.infusion("2024-03-12", known="2028-03-26")

    after = t.at("2028-03-26")
    assert after.close_out("MON-01").standing == "withdrawn"
    assert after.slot("MON-01", 60).completed_on == "2028-03-25"


def test_R12_no_slot_is_due_after_the_end_but_one_due_on_the_end_exists() -> None:
    t = treated("2024-05-15", days=1)
    assert t.at("2024-06-01").slots("MON-01")[-1].due_on == "2028-05-15"
    assert t.at("2024-06-01").episode.ends_on == "2028-05-15"

    t = treated("2024-05-15", days=1)
    t.infusion("2025-05-14")
    assert [slot.due_on for slot in t.at("2025-06-01").slots("MON-01") if not slot.close_out][-1] == "2029-04-15"


def test_R12_a_slot_due_by_the_end_stays_open_until_its_window_closes() -> None:
    t = treated("2024-01-08")

    assert t.at("2028-01-12").standing("MON-01", 48) == "overdue"
    assert t.at("2028-01-31").standing("MON-01", 48) == "overdue"
    assert t.at("2028-02-01").standing("MON-01", 48) == "missed"


def test_R12_after_the_last_window_the_roll_up_has_ended_with_its_gaps_and_is_no_longer_overdue() -> None:
    t = treated("2024-01-08")
    t.cbc("2024-02-08")
    t.cbc("2024-03-20")

    last_day, after = t.at("2028-01-31").roll_up("MON-01"), t.at("2028-02-01").roll_up("MON-01")
    assert (last_day.standing, last_day.due_on) == ("overdue", "2024-04-08")
    assert (after.standing, after.days_overdue) == ("ended", 0)
    assert (after.counts["done"], after.counts["done_late"], after.counts["missed"]) == (1, 1, 46)


def test_slots_are_told_by_the_calendar() -> None:
    t = treated("2024-01-08")

    def told(on: str) -> tuple[str, int]:
        slot = t.at(on).slot("MON-01", 1)
        return slot.standing, slot.days_overdue

    assert told("2024-01-31") == ("upcoming", 0)
    assert told("2024-02-01") == ("due", 0)
    assert told("2024-02-08") == ("due", 0)
    assert told("2024-02-09") == ("overdue", 1)
    assert told("2024-02-29") == ("overdue", 21)
    assert told("2024-03-01")[0] == "missed"


def test_a_slot_completed_on_its_due_date_is_done_and_a_day_later_done_late() -> None:
    on_time, late = treated(), treated()
    on_time.cbc("2024-06-15")
    late.cbc("2024-06-16")

    assert on_time.at("2024-07-01").standing("MON-01", 1) == "done"
    assert late.at("2024-07-01").standing("MON-01", 1) == "done_late"
