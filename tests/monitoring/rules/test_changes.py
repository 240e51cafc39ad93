"""What is announced: the difference that a fact makes, and what the dates bring about (docs/contract.md §3.6)."""

from datetime import date

from services.monitoring.rules import assess
from services.monitoring.rules.changes import Change, changes, transitions
from tests.scenario import CBC, EDITION, Scenario, treated


def told(t: Scenario, on: str, requirement: str = "MON-01") -> list[tuple[str, str]]:
    """(kind, slot) of what the last fact changed on a date, for one requirement."""
    day = date.fromisoformat(on)
    before = assess(EDITION, t.facts[:-1], day)
    return [short(one) for one in changes(before, assess(EDITION, t.facts, day)) if one.requirement == requirement]


def short(change: Change) -> tuple[str, str]:
    return change.kind, change.obligation_id.split(f"{change.requirement}.")[1]


def by_dates(t: Scenario, after: str, through: str, requirement: str = "MON-01") -> list[tuple[str, str, str]]:
    last = date.fromisoformat(through)
    found = transitions(assess(EDITION, t.facts, last).slots, date.fromisoformat(after), last)
    return [(str(one.effective_on), *short(one)) for one in found if one.requirement == requirement]


def test_the_first_infusion_opens_every_requirement_once_with_its_slots() -> None:
    t = treated(days=1)
    day = date(2024, 5, 15)
    found = changes(assess(EDITION, t.facts[:-1], day), assess(EDITION, t.facts, day))

    opened = {one.requirement: (one.slots_from, one.slots_to, str(one.due_on)) for one in found if one.kind == "opened"}
    assert len(found) == len(opened) == 8
    assert opened["MON-01"] == (1, 48, "2024-06-15")
    assert opened["MON-04"] == (1, 16, "2024-08-15")
    assert opened["MON-06"] == (None, None, "2025-05-15")


def test_a_treatment_never_seen_before_is_compared_with_nothing() -> None:
    t = treated(days=1)

    assert {one.kind for one in changes(None, assess(EDITION, t.facts, date(2024, 5, 15)))} == {"opened"}


def test_a_second_course_opens_the_slots_that_it_adds() -> None:
    t = treated("2023-03-06")
    t.infusion("2024-03-11")
    day = date(2024, 3, 11)
    found = changes(assess(EDITION, t.facts[:-1], day), assess(EDITION, t.facts, day))

    (opened,) = [one for one in found if one.requirement == "MON-01" and one.kind == "opened"]
    assert (opened.slots_from, opened.slots_to, str(opened.due_on)) == (49, 60, "2027-04-06")


def test_slots_opened_late_say_at_once_what_they_already_are() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-07-20")

    assert told(t, "2024-07-20") == [("opened", "e1.s1"), ("became-missed", "e1.s1"), ("became-overdue", "e1.s2")]


def test_a_result_satisfies_and_its_cancellation_reopens() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    assert told(t, "2024-06-10") == [("satisfied", "e1.s1")]

    t.cancel(cbc, known="2024-06-18")
    assert told(t, "2024-06-18") == [("reopened", "e1.s1"), ("became-overdue", "e1.s1")]


def test_a_satisfied_slot_that_stays_satisfied_is_not_told_again() -> None:
    t = treated()
    cbc = t.cbc("2024-06-20")
    t.correct_lab(cbc, "2024-06-12", *CBC, known="2024-07-01")

    assert t.at("2024-07-01").standing("MON-01", 1) == "done"
    assert told(t, "2024-07-01") == []


def test_an_earlier_first_infusion_reschedules_every_slot() -> None:
    t = treated(days=1)
    t.infusion("2024-05-14", known="2024-05-15")

    found = told(t, "2024-05-15")
    assert len(found) == 48
    assert set(found) == {("rescheduled", f"e1.s{n}") for n in range(1, 49)}


def test_a_voided_second_course_withdraws_its_slots_and_a_reinstatement_opens_them() -> None:
    t = treated("2023-03-06")
    void = t.void_infusion(t.infusion("2024-03-11"), known="2024-03-12")
    assert told(t, "2024-03-12") == [("withdrawn", f"e1.s{n}") for n in range(49, 61)]

    t.void(void, known="2024-03-13")
    assert told(t, "2024-03-13") == [("opened", "e1.s49")]


def test_transfer_return_refusal_waiver_and_death_are_told() -> None:
    t = treated()
    t.transfer_out("2024-06-10")
    assert told(t, "2024-06-10") == [("suspended", f"e1.s{n}") for n in range(1, 49)]
    t.transfer_in("2024-06-20")
    assert told(t, "2024-06-20")[:3] == [("resumed", "e1.s1"), ("became-overdue", "e1.s1"), ("resumed", "e1.s2")]
    t.decline("2024-06-21")
    assert told(t, "2024-06-21") == [("declined", "e1.s1")]
    t.waive("MON-01.e1.s1", "2024-06-22")
    assert told(t, "2024-06-22") == [("waived", "e1.s1")]
    t.death("2024-06-23")
    assert told(t, "2024-06-23") == [("cancelled", f"e1.s{n}") for n in range(1, 49)]


def test_a_suspended_slot_that_death_cancels_is_not_resumed() -> None:
    t = treated()
    t.transfer_out("2024-06-10")
    t.death("2024-06-20")

    assert {kind for kind, _ in told(t, "2024-06-20")} == {"cancelled"}


def test_what_no_longer_applies_is_withdrawn() -> None:
    t = treated()
    t.demographics(sex="male", known="2024-06-01")

    assert told(t, "2024-06-01", "MON-07") == [("withdrawn", "e1.after-first")]


def test_a_yearly_exam_satisfies_its_obligation_and_opens_the_next() -> None:
    t = treated()
    exam = t.exam("skin", "2025-05-01")

    assert sorted(told(t, "2025-05-01", "MON-06")) == [("opened", f"e1.after-{exam}"), ("satisfied", "e1.after-first")]


def test_the_change_says_from_when_it_holds_and_what_the_slot_is_then() -> None:
    t = treated()
    t.cbc("2024-06-10")
    day = date(2024, 6, 10)
    (one,) = changes(assess(EDITION, t.facts[:-1], day), assess(EDITION, t.facts, day))

    assert (str(one.effective_on), str(one.due_on), one.standing) == ("2024-06-10", "2024-06-15", "done")


def test_dates_tell_of_windows_due_dates_and_closing_days_in_order() -> None:
    assert by_dates(treated(), "2024-06-07", "2024-07-16") == [
        ("2024-06-08", "became-due", "e1.s1"),
        ("2024-06-16", "became-overdue", "e1.s1"),
        ("2024-07-08", "became-missed", "e1.s1"),
        ("2024-07-08", "became-due", "e1.s2"),
        ("2024-07-16", "became-overdue", "e1.s2"),
    ]


def test_dates_tell_nothing_of_the_day_before_and_everything_through_the_last_day() -> None:
    t = treated()

    assert by_dates(t, "2024-06-16", "2024-07-07") == []
    assert by_dates(t, "2024-06-15", "2024-06-16") == [("2024-06-16", "became-overdue", "e1.s1")]


def test_dates_tell_of_a_slot_only_while_it_was_waiting() -> None:
    t = treated()
    t.cbc("2024-06-20")

    assert by_dates(t, "2024-06-01", "2024-07-08") == [
        ("2024-06-08", "became-due", "e1.s1"),
        ("2024-06-16", "became-overdue", "e1.s1"),
        ("2024-07-08", "became-due", "e1.s2"),
    ]


def test_dates_tell_nothing_of_a_slot_that_was_done_the_day_it_opened_or_is_waived() -> None:
    done, waived = treated(), treated()
    done.cbc("2024-06-08")
    waived.waive("MON-01.e1.s1", "2024-06-01")

    assert by_dates(done, "2024-06-01", "2024-07-01") == []
    assert by_dates(waived, "2024-06-01", "2024-07-01") == []


def test_dates_tell_of_a_yearly_item_that_never_closes() -> None:
    assert by_dates(treated(), "2025-04-01", "2027-04-01", "MON-06") == [
        ("2025-04-15", "became-due", "e1.after-first"),
        ("2025-05-16", "became-overdue", "e1.after-first"),
    ]


def test_R9_a_renumbered_episode_is_told_as_withdrawn_and_opened() -> None:
    t = Scenario()
    first = t.infusion("2015-03-02")
    t.infusion("2024-05-15")
    t.void_infusion(first, known="2024-06-01")

    found = told(t, "2024-06-01")
    both = [f"e{episode}.s{n}" for episode in (1, 2) for n in range(1, 49)]
    assert found == [*(("withdrawn", key) for key in both), ("opened", "e1.s1")]


def test_R9_an_episode_found_before_the_first_takes_its_number() -> None:
    t = treated()
    t.infusion("2019-01-10", known="2024-05-20")

    found = told(t, "2024-05-20", "MON-06")
    assert found == [
        ("withdrawn", "e1.after-first"),
        ("opened", "e1.after-first"),
        ("opened", "e2.after-first"),
        ("became-missed", "e1.after-first"),
    ]


def test_R11_a_close_out_slot_that_moves_is_rescheduled() -> None:
    t = treated("2023-03-06")
    t.course("2024-03-27", 2)
    t.infusion("2024-03-29")

    assert told(t, "2024-03-29") == [("rescheduled", "e1.close-out")]


def test_what_is_withdrawn_already_when_first_seen_is_not_opened() -> None:
    t = treated("2023-03-06")
    t.void_infusion(t.infusion("2024-03-11"), known="2024-03-12")

    found = changes(None, assess(EDITION, t.facts, date(2024, 3, 12)))
    opened = {one.requirement: one.slots_to for one in found if one.kind == "opened"}
    assert (opened["MON-01"], {one.kind for one in found if one.standing == "withdrawn"}) == (48, set())


def test_slots_opened_with_a_close_out_slot_are_told_by_their_numbers() -> None:
    t = treated("2023-03-06")
    t.infusion("2024-03-29")
    day = date(2024, 3, 29)
    found = changes(assess(EDITION, t.facts[:-1], day), assess(EDITION, t.facts, day))

    (opened,) = [one for one in found if one.requirement == "MON-01" and one.kind == "opened"]
    assert (opened.slots_from, opened.slots_to) == (49, 60)
    assert t.at("2024-03-29").close_out("MON-01").due_on == "2028-03-29"


def test_what_was_withdrawn_already_is_not_withdrawn_again_when_its_requirement_no_longer_applies() -> None:
    t = treated()
    t.void(t.exam("hpv", "2025-05-01"), known="2025-05-02")
    t.demographics(sex="male", known="2025-05-03")

    assert told(t, "2025-05-03", "MON-07") == [("withdrawn", "e1.after-first")]


def test_what_dates_tell_of_all_requirements_comes_in_the_order_of_the_dates() -> None:
    first, last = date(2024, 6, 1), date(2024, 9, 1)
    found = transitions(assess(EDITION, treated().facts, last).slots, first, last)

    order = [(one.effective_on, one.requirement) for one in found]
    assert len({requirement for _, requirement in order}) > 1
    assert order == sorted(order)


def test_a_slot_that_comes_back_with_another_date_is_opened_and_not_rescheduled() -> None:
    t = Scenario()
    first = t.infusion("2024-05-15")
    t.void(first)
    gone = assess(EDITION, t.facts, date(2024, 6, 1))
    t.infusion("2024-05-20")
    back = assess(EDITION, t.facts, date(2024, 6, 1))

    assert {one.kind for one in changes(gone, back)} == {"opened"}
