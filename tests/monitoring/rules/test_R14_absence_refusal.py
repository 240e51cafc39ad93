"""R14: transfers of care and refusals.

Slots of MON-01: 1: 06-15 (06-08 … 07-07), 2: 07-15 (07-08 … 08-07), 3: 08-15 (08-08 … 09-07), 4: 09-15 (09-08 … 10-07).
"""

from tests.scenario import Day, Scenario, treated


def standings(t: Scenario, on: str, *numbers: int, requirement: str = "MON-01") -> list[str]:
    view = t.at(on)
    return [view.standing(requirement, n) for n in numbers]


def away(start: str, end: str | None = None) -> Scenario:
    t = treated()
    t.transfer_out(start)
    if end:
        t.transfer_in(end)
    return t


def refusing(start: str, end: str | None = None) -> Scenario:
    t = treated()
    t.decline(start)
    if end:
        t.resume(end)
    return t


def test_R14_an_absence_holds_from_its_first_day_to_the_day_before_the_return() -> None:
    t = away("2024-06-17", "2024-06-21")

    days = ("2024-06-16", "2024-06-17", "2024-06-20", "2024-06-21")
    assert [standings(t, on, 1)[0] for on in days] == ["overdue", "suspended", "suspended", "overdue"]


def test_R14_a_refusal_holds_from_its_first_day_to_the_day_before_the_resumption() -> None:
    t = refusing("2024-06-17", "2024-06-21")

    days = ("2024-06-16", "2024-06-17", "2024-06-20", "2024-06-21")
    assert [standings(t, on, 1)[0] for on in days] == ["overdue", "declined", "declined", "overdue"]


def test_R14_leaving_and_returning_on_one_date_cancel_out() -> None:
    assert standings(away("2024-07-07", "2024-07-07"), "2024-07-07", 1) == ["overdue"]
    assert standings(away("2024-07-07", "2024-07-07"), "2024-07-08", 1) == ["missed"]
    assert standings(refusing("2024-07-07", "2024-07-07"), "2024-07-07", 1) == ["overdue"]
    assert standings(refusing("2024-07-07", "2024-07-07"), "2024-07-08", 1) == ["missed"]


def test_R14_while_away_upcoming_slots_are_suspended_too() -> None:
    assert standings(away("2024-06-17"), "2024-06-17", 1, 2, 48) == ["suspended"] * 3


def test_R14_a_slot_whose_window_closes_on_the_transfer_date_is_suspended_and_one_closed_before_stays_missed() -> None:
    assert standings(away("2024-07-07"), "2024-07-20", 1, 2) == ["suspended", "suspended"]
    assert standings(away("2024-07-08"), "2024-07-20", 1, 2) == ["missed", "suspended"]


def test_R14_while_away_a_slot_stays_suspended_after_its_closing_day() -> None:
    assert standings(away("2024-06-01"), "2024-09-20", 1, 2, 3) == ["suspended"] * 3


def test_R14_on_return_a_slot_still_open_is_due_or_overdue_by_its_dates() -> None:
    assert standings(away("2024-06-10", "2024-06-12"), "2024-06-12", 1) == ["due"]
    assert standings(away("2024-06-10", "2024-06-17"), "2024-06-17", 1) == ["overdue"]


def test_R14_a_slot_that_closed_during_the_absence_was_not_monitored_here() -> None:
    t = away("2024-06-10", "2024-08-20")

    assert standings(t, "2024-08-20", 1, 2, 3) == ["not_monitored_here", "not_monitored_here", "overdue"]
    assert t.at("2024-08-20").slot("MON-01", 1).reason is None


def test_R14_a_slot_already_overdue_when_handed_over_closes_as_missed_with_its_reason() -> None:
    t = away("2024-06-16", "2024-08-20")

    slot = t.at("2024-08-20").slot("MON-01", 1)
    assert (slot.standing, slot.reason) == ("missed", "handed_over_overdue")


def test_R14_a_slot_due_on_the_transfer_date_was_not_overdue_when_handed_over() -> None:
    t = away("2024-06-15", "2024-08-20")

    assert standings(t, "2024-08-20", 1) == ["not_monitored_here"]


def test_R14_a_slot_that_closes_on_the_last_day_away_was_not_monitored_and_on_the_day_of_return_missed() -> None:
    assert standings(away("2024-06-10", "2024-07-08"), "2024-07-08", 1) == ["not_monitored_here"]
    assert standings(away("2024-06-10", "2024-07-07"), "2024-07-08", 1) == ["missed"]


def test_R14_a_missed_slot_has_no_reason_of_its_own() -> None:
    assert treated().at("2024-07-08").slot("MON-01", 1).reason is None


def test_R14_the_absence_that_covers_the_closing_day_decides_of_several() -> None:
    t = away("2024-06-10", "2024-06-12")
    t.transfer_out("2024-06-20")
    t.transfer_in("2024-07-20")

    slot = t.at("2024-07-20").slot("MON-01", 1)
    assert (slot.standing, slot.reason) == ("missed", "handed_over_overdue")


def test_R14_while_declined_only_open_slots_are_declined_and_later_ones_stay_upcoming() -> None:
    assert standings(refusing("2024-06-01"), "2024-06-07", 1, 2) == ["upcoming", "upcoming"]
    assert standings(refusing("2024-06-01"), "2024-06-08", 1, 2) == ["declined", "upcoming"]


def test_R14_a_slot_that_closes_while_declined_stays_declined_after_the_resumption() -> None:
    t = refusing("2024-06-10", "2024-08-20")

    assert standings(t, "2024-10-01", 1, 2, 3) == ["declined", "declined", "missed"]


def test_R14_a_slot_that_closes_on_the_day_of_resumption_is_missed() -> None:
    assert standings(refusing("2024-06-10", "2024-07-08"), "2024-07-08", 1) == ["declined"]
    assert standings(refusing("2024-06-10", "2024-07-07"), "2024-07-08", 1) == ["missed"]


def test_R14_a_slot_closed_before_the_refusal_stays_missed() -> None:
    assert standings(refusing("2024-07-08"), "2024-07-08", 1, 2) == ["missed", "declined"]
    assert standings(refusing("2024-07-07"), "2024-07-08", 1, 2) == ["declined", "declined"]


def test_R14_a_refusal_may_name_requirements_and_leaves_the_others() -> None:
    t = treated()
    t.decline("2024-06-10", "MON-01", "MON-02")
    t.resume("2024-06-18", "MON-02")

    view = t.at("2024-06-20")
    assert [view.standing(r, 1) for r in ("MON-01", "MON-02", "MON-05")] == ["declined", "overdue", "overdue"]


def test_R14_a_refusal_of_everything_may_be_resumed_in_part() -> None:
    t = treated()
    t.decline("2024-06-10")
    t.resume("2024-06-18", "MON-02")

    view = t.at("2024-06-20")
    assert [view.standing(r, 1) for r in ("MON-01", "MON-02", "MON-05")] == ["declined", "overdue", "declined"]


def test_R14_a_refusal_of_one_ends_with_a_resumption_of_everything() -> None:
    t = treated()
    t.decline("2024-06-10", "MON-01")
    t.resume("2024-06-18")

    assert standings(t, "2024-06-20", 1) == ["overdue"]


def test_R14_a_result_from_elsewhere_fills_a_slot_of_the_absence() -> None:
    t = away("2024-06-10", "2024-08-20")
    t.cbc("2024-07-12", known="2024-08-21")

    assert standings(t, "2024-08-21", 1, 2) == ["not_monitored_here", "done"]


def test_R14_a_return_recorded_before_the_departure_is_read_by_date() -> None:
    t = treated()
    t.transfer_in("2024-08-20", known="2024-08-20")
    t.transfer_out("2024-06-10", known="2024-08-21")

    assert standings(t, "2024-08-20", 1, 3) == ["not_monitored_here", "overdue"]


def test_R14_a_date_without_a_time_starts_an_absence_on_that_date() -> None:
    t = treated()
    t.transfer_out(Day("2024-06-17"), known="2024-06-17")

    assert standings(t, "2024-06-16", 1) == ["overdue"]
    assert standings(t, "2024-06-17", 1) == ["suspended"]
