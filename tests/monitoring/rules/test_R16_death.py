"""R16: death.

Slots of MON-01: 1: 06-15 (06-08 … 07-07), 2: 07-15 (07-08 … 08-07), 3: 08-15 (08-08 … 09-07).
"""

from shared.contracts.v1 import facts as v1
from tests.scenario import Day, Scenario, treated


def slots(t: Scenario, on: str, *numbers: int) -> list[tuple[str, str | None]]:
    view = t.at(on)
    found = [view.slot("MON-01", n) for n in numbers]
    return [(slot.standing, slot.reason) for slot in found]


CANCELLED = ("cancelled", "death")


def test_R16_from_the_date_of_death_every_unsatisfied_slot_is_cancelled_whatever_its_due_date() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.death("2024-07-20")

    assert slots(t, "2024-07-19", 2, 3) == [("overdue", None), ("upcoming", None)]
    assert slots(t, "2024-07-20", 1, 2, 3, 48) == [("done", None), CANCELLED, CANCELLED, CANCELLED]


def test_R16_a_slot_that_closed_before_the_death_keeps_its_standing() -> None:
    t = treated()
    t.death("2024-07-08")

    assert slots(t, "2024-09-01", 1, 2) == [("missed", None), CANCELLED]


def test_R16_a_slot_that_closes_on_the_day_of_death_is_cancelled() -> None:
    t = treated()
    t.death("2024-07-07")

    assert slots(t, "2024-09-01", 1) == [CANCELLED]


def test_R16_a_specimen_dated_after_the_death_does_not_count() -> None:
    t = treated()
    t.death("2024-06-20")
    t.cbc("2024-06-21")

    assert slots(t, "2024-06-21", 1) == [CANCELLED]


def test_R16_a_specimen_of_the_day_of_death_counts() -> None:
    t = treated()
    t.death("2024-06-20")
    t.cbc("2024-06-20")

    assert slots(t, "2024-06-21", 1) == [("done_late", None)]


def test_R16_an_exam_after_the_death_does_not_count() -> None:
    t = treated()
    t.death("2025-05-10")
    t.exam("skin", "2025-05-11")

    assert [slot.standing for slot in t.at("2025-05-12").slots("MON-06")] == ["cancelled"]


def test_R16_a_death_recorded_late_leaves_what_was_believed_before() -> None:
    t = treated()
    t.death("2024-06-20", known="2024-06-27")

    assert t.at("2024-06-26", "2024-06-26").standing("MON-01", 1) == "overdue"
    assert t.at("2024-06-26", "2024-06-27").standing("MON-01", 1) == "cancelled"


def test_R16_of_several_deaths_the_last_in_version_order_holds() -> None:
    t = treated()
    t.death("2024-07-20", known="2024-07-21")
    t.death("2024-06-20", known="2024-07-22")
    assert slots(t, "2024-07-10", 1) == [CANCELLED]

    t = treated()
    t.death("2024-06-20", known="2024-07-21")
    t.death("2024-07-20", known="2024-07-22")
    assert slots(t, "2024-07-10", 1) == [("missed", None)]
    assert slots(t, "2024-07-20", 2) == [CANCELLED]


def test_R16_voiding_the_last_death_lets_the_one_before_hold() -> None:
    t = treated()
    t.death("2024-06-20", known="2024-07-21")
    second = t.death("2024-07-20", known="2024-07-22")
    t.void(second, known="2024-07-23")

    assert slots(t, "2024-07-10", 1) == [CANCELLED]


def test_R16_a_voided_death_was_never_one() -> None:
    t = treated()
    t.void(t.death("2024-06-20"))

    assert slots(t, "2024-06-21", 1) == [("overdue", None)]


def test_R16_an_imprecise_death_counts_from_its_first_possible_day() -> None:
    t = treated()
    t.death(Day("2024-07"), known="2024-07-20")

    assert slots(t, "2024-06-30", 1) == [("overdue", None)]
    assert slots(t, "2024-07-01", 1) == [CANCELLED]


def test_R16_the_version_order_of_deaths_goes_by_source_version_then_issue_time_then_the_log() -> None:
    def judged(first: dict[str, object], second: dict[str, object]) -> str:
        """On 07-10 by two records: of 06-20, and of 07-20."""
        t = treated()
        t.death("2024-06-20", known="2024-07-21", **first)
        t.death("2024-07-20", known="2024-07-22", **second)
        return slots(t, "2024-07-10", 1)[0][0]

    assert judged({}, {}) == "missed"
    assert judged({"issued": "2024-07-21"}, {"issued": "2024-07-20"}) == "cancelled"
    assert judged({"issued": "2024-07-21"}, {}) == "missed"
    assert judged({"business": ("D", 2)}, {"business": ("D", 1)}) == "cancelled"
    assert judged(
        {"business": ("D-1", 2), "issued": "2024-07-20"}, {"business": ("D-2", 1), "issued": "2024-07-21"}
    ) == ("cancelled")


def test_R16_after_the_death_a_line_names_no_obligation_not_even_one_waived_before() -> None:
    t = treated()
    t.waive("MON-06.e1.after-first", "2024-06-01")
    t.death("2024-07-01")

    assert t.at("2024-07-02").find("MON-06", "e1.after-first").standing == "waived"  # type: ignore[union-attr]
    row = t.at("2024-07-02").roll_up("MON-06")
    assert (row.standing, row.obligation_id, row.due_on) == ("cancelled", None, None)


def test_R16_of_deaths_without_versions_the_one_stated_last_in_the_log_holds_also_when_it_corrects_the_first() -> None:
    t = treated()
    first = t.death("2025-01-01")
    t.death("2025-02-01")
    t.record(v1.DeathRecorded(), "2025-03-01", corrects=first)

    assert t.at("2025-02-15").roll_up("MON-01").standing != "cancelled"
    assert t.at("2025-03-01").roll_up("MON-01").standing == "cancelled"


def test_R16_a_version_on_one_of_two_deaths_decides_nothing() -> None:
    t = treated()
    t.death("2025-03-01", business=("D-1", 7))
    t.death("2025-02-01", business=("D-2", None))

    assert t.at("2025-02-01").roll_up("MON-01").standing == "cancelled"
