"""R15: waivers.

Slots of MON-01: 1: 06-15 (06-08 … 07-07), 2: 07-15 (07-08 … 08-07), 3: 08-15 (08-08 … 09-07).
"""

from tests.scenario import Scenario, treated


def standings(t: Scenario, on: str, *numbers: int, requirement: str = "MON-01") -> list[str]:
    view = t.at(on)
    return [view.standing(requirement, n) for n in numbers]


def test_R15_a_waiver_holds_from_its_date_through_its_last_day() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-17", until="2024-06-20")

    days = ("2024-06-16", "2024-06-17", "2024-06-20", "2024-06-21")
    assert [standings(t, on, 1)[0] for on in days] == ["overdue", "waived", "waived", "overdue"]


def test_R15_a_waiver_of_one_slot_leaves_the_others() -> None:
    t = treated()
    t.waive("MON-01.e1.s2", "2024-06-01")

    view = t.at("2024-06-16")
    assert [view.standing("MON-01", n) for n in (1, 2, 3)] == ["overdue", "waived", "upcoming"]
    assert view.standing("MON-02", 2) == "upcoming"


def test_R15_a_slot_waived_on_its_closing_day_stays_waived() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-17", until="2024-07-07")

    assert standings(t, "2024-09-01", 1) == ["waived"]


def test_R15_a_waiver_that_lapses_before_the_closing_day_leaves_the_slot_overdue_and_then_missed() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-17", until="2024-07-06")

    assert standings(t, "2024-07-07", 1) == ["overdue"]
    assert standings(t, "2024-07-08", 1) == ["missed"]


def test_R15_a_waiver_that_lapses_before_the_due_date_leaves_the_slot_due() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-09", until="2024-06-11")

    assert standings(t, "2024-06-12", 1) == ["due"]


def test_R15_a_waiver_of_the_requirement_covers_every_slot_that_closes_on_or_after_its_start() -> None:
    t = treated()
    t.waive("MON-01", "2024-07-07")
    assert standings(t, "2024-07-20", 1, 2, 3, 48) == ["waived"] * 4

    t = treated()
    t.waive("MON-01", "2024-07-08")
    assert standings(t, "2024-07-20", 1, 2, 3) == ["missed", "waived", "waived"]


def test_R15_a_waiver_of_a_requirement_leaves_the_other_requirements() -> None:
    t = treated()
    t.waive("MON-01", "2024-06-01")

    assert standings(t, "2024-06-16", 1, requirement="MON-02") == ["overdue"]


def test_R15_after_a_waiver_of_the_requirement_lapses_the_slots_it_saw_close_stay_waived() -> None:
    t = treated()
    t.waive("MON-01", "2024-06-10", until="2024-08-10")

    assert standings(t, "2024-08-20", 1, 2, 3) == ["waived", "waived", "overdue"]


def test_R15_a_waiver_given_after_the_closing_day_comes_too_late() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-07-08")

    assert standings(t, "2024-07-20", 1) == ["missed"]


def test_R15_evidence_beats_a_waiver() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-09")
    t.cbc("2024-06-12")

    assert standings(t, "2024-06-12", 1) == ["done"]


def test_R15_of_two_waivers_either_is_enough() -> None:
    t = treated()
    t.waive("MON-01.e1.s1", "2024-06-09", until="2024-06-10")
    t.waive("MON-01", "2024-06-09", until="2024-06-20")

    assert standings(t, "2024-06-16", 1) == ["waived"]


def test_R15_a_waiver_of_another_slot_or_nothing_known_has_no_effect() -> None:
    t = treated()
    t.waive("MON-01.e2.s1", "2024-06-09")
    t.waive("MON-99", "2024-06-09")

    assert standings(t, "2024-06-16", 1) == ["overdue"]


def test_R15_a_yearly_obligation_waived_by_its_id_is_closed_and_the_next_is_due_a_year_after_its_due_date() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2025-05-20")

    view = t.at("2025-05-20")
    waived, following = view.slots("MON-06")
    assert (waived.standing, waived.due_on) == ("waived", "2025-05-15")
    assert (following.due_on, following.opens_on) == ("2026-05-15", "2026-04-15")
    assert following.obligation_id.endswith("MON-06.e1.after-first.w1")


def test_R15_a_yearly_obligation_waived_with_an_expiry_has_no_successor_and_comes_back() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2025-05-20", until="2025-05-25")

    assert [(slot.due_on, slot.standing) for slot in t.at("2025-05-25").slots("MON-06")] == [("2025-05-15", "waived")]
    assert [(slot.due_on, slot.standing) for slot in t.at("2025-05-26").slots("MON-06")] == [("2025-05-15", "overdue")]


def test_R15_under_a_waiver_of_the_requirement_a_yearly_item_stays_one_waived_obligation() -> None:
    t = treated()
    t.waive("MON-06", "2024-06-01")

    view = t.at("2027-01-01")
    assert [(slot.due_on, slot.standing) for slot in view.slots("MON-06")] == [("2025-05-15", "waived")]
    assert view.roll_up("MON-06").standing == "waived"


def test_R15_an_exam_after_a_waived_year_counts_from_its_own_date() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2025-05-20")
    t.exam("skin", "2026-03-01")

    assert t.at("2026-03-01").roll_up("MON-06").due_on == "2027-03-01"


def yearly(t: Scenario, on: str) -> list[tuple[str, str, str]]:
    """Key, due date and standing of every skin examination."""
    return [(slot.obligation_id.split("MON-06.")[1], slot.due_on, slot.standing) for slot in t.at(on).slots("MON-06")]


def test_R15_a_yearly_obligation_missed_at_the_next_episode_is_not_waived_afterwards() -> None:
    t = treated("2020-01-06")
    t.course("2024-06-03", days=3)
    t.waive("MON-06.e1.after-first", "2024-06-03")

    assert yearly(t, "2024-08-01") == [
        ("e1.after-first", "2021-01-06", "missed"),
        ("e2.after-first", "2025-06-03", "upcoming"),
    ]


def test_R15_a_yearly_obligation_waived_on_the_last_day_before_the_next_episode_is_closed_by_it() -> None:
    t = treated("2020-01-06")
    t.waive("MON-06.e1.after-first", "2024-06-02")
    t.course("2024-06-03", days=3)

    assert yearly(t, "2024-08-01") == [
        ("e1.after-first", "2021-01-06", "waived"),
        ("e1.after-first.w1", "2022-01-06", "missed"),
        ("e2.after-first", "2025-06-03", "upcoming"),
    ]


def test_R16_a_yearly_obligation_that_a_waiver_closed_before_the_death_stays_waived() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2025-06-01")
    t.death("2025-09-01")

    assert yearly(t, "2025-11-01") == [
        ("e1.after-first", "2025-05-15", "waived"),
        ("e1.after-first.w1", "2026-05-15", "cancelled"),
    ]


def test_R16_from_the_date_of_death_a_waiver_closes_no_yearly_obligation() -> None:
    t = treated()
    t.death("2025-09-01")
    t.waive("MON-06.e1.after-first", "2025-09-01")

    assert yearly(t, "2025-11-01") == [("e1.after-first", "2025-05-15", "cancelled")]


def test_R15_of_two_waivers_of_a_yearly_obligation_the_earlier_date_closes_it_whichever_was_told_first() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2025-04-20")
    t.waive("MON-06.e1.after-first", "2025-03-01", known="2025-04-21")
    t.exam("skin", "2025-04-10", known="2025-04-22")

    first, following = (t.at("2025-04-22").find("MON-06", f"e1.after-first{key}") for key in ("", ".w1"))
    assert first is not None
    assert following is not None
    assert (first.standing, following.standing, following.completed_on) == ("waived", "done", "2025-04-10")


def test_R15_a_waiver_dated_later_does_not_close_a_yearly_obligation_yet() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2025-05-01", known="2024-06-01")

    assert t.at("2025-04-30").find("MON-06", "e1.after-first.w1") is None
    assert t.at("2025-05-01").find("MON-06", "e1.after-first.w1") is not None
