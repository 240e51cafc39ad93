"""R20: an obligation that was already overdue when it began to exist is nobody's fault."""

from datetime import date

from msgspec.structs import replace

from services.monitoring.rules import assess
from services.monitoring.rules.edition import Rolling
from tests.scenario import EDITION, Scenario, named, treated


def flags(t: Scenario, on: str, *numbers: int) -> list[bool]:
    view = t.at(on)
    return [view.slot("MON-01", n).overdue_on_discovery for n in numbers]


def test_R20_a_slot_whose_due_date_had_passed_when_the_infusion_was_recorded_is_flagged() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-07-16")

    assert flags(t, "2024-08-01", 1, 2, 3) == [True, True, False]


def test_R20_recorded_on_the_due_date_itself_it_is_not_flagged() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-07-15")

    assert flags(t, "2024-08-20", 1, 2, 3) == [True, False, False]


def test_R20_the_clinics_date_of_the_recording_counts_not_utcs() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-07-16T03:30:00+00:00")

    assert flags(t, "2024-08-01", 2) == [False]


def test_R20_a_late_done_slot_keeps_the_flag_and_one_done_on_time_never_has_it() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-06-20")
    t.cbc("2024-06-10")
    assert flags(t, "2024-06-25", 1) == [False]

    t = Scenario()
    t.infusion("2024-05-15", known="2024-06-20")
    t.cbc("2024-06-21")
    assert t.at("2024-06-25").standing("MON-01", 1) == "done_late"
    assert flags(t, "2024-06-25", 1) == [True]


def test_R20_a_second_course_recorded_late_flags_only_what_it_made() -> None:
    t = treated("2023-03-06")
    t.course("2024-03-11", 3, known="2027-06-10")

    assert flags(t, "2027-06-10", 48, 49, 50, 51, 52) == [False, True, True, True, False]
    assert [t.at("2027-06-10").standing("MON-01", n) for n in (48, 49, 50, 51, 52)] == [
        "missed",
        "missed",
        "missed",
        "overdue",
        "upcoming",
    ]


def test_R20_a_slot_that_got_another_due_date_began_anew() -> None:
    t = treated("2024-05-15", days=1)
    t.infusion("2024-05-14", known="2024-06-15")

    assert flags(t, "2024-06-20", 1) == [True]
    assert t.at("2024-06-20").slot("MON-01", 1).due_on == "2024-06-14"


def test_R20_a_slot_withdrawn_and_brought_back_began_last_when_it_came_back() -> None:
    t = treated("2024-05-15", days=1)
    void = t.void_infusion(t.facts[-1].fact_id, known="2024-06-01")
    t.void(void, known="2024-06-16")

    assert flags(t, "2024-06-20", 1) == [True]


def test_R20_an_earlier_infusion_that_leaves_the_due_date_leaves_the_beginning_too() -> None:
    t = treated("2024-05-15", days=1)
    t.infusion("2024-05-16", known="2024-08-01")

    assert flags(t, "2024-08-02", 1, 2) == [False, False]


def test_R20_what_is_known_decides() -> None:
    t = treated("2024-05-15", days=1)
    t.infusion("2024-05-14", known="2024-06-15")

    before = t.at("2024-06-20", "2024-06-14").slot("MON-01", 1)
    assert (before.due_on, before.overdue_on_discovery) == ("2024-06-15", False)


def test_R20_the_line_carries_the_flag_of_the_slot_that_makes_it_overdue() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-06-20")

    assert t.at("2024-06-25").roll_up("MON-01").overdue_on_discovery is True
    assert treated().at("2024-06-25").roll_up("MON-01").overdue_on_discovery is False


def test_R20_a_yearly_item_overdue_when_its_infusion_was_recorded_is_flagged() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2025-06-01")

    assert t.at("2025-06-02").roll_up("MON-06").overdue_on_discovery is True


def yearly_flag(t: Scenario, on: str, requirement: str = "MON-06") -> tuple[str, bool]:
    row = t.at(on).roll_up(requirement)
    return row.due_on, row.overdue_on_discovery


def test_R20_what_follows_a_waiver_recorded_late_began_when_that_was_recorded() -> None:
    late, in_time = treated(), treated()
    late.waive("MON-06.e1.after-first", "2025-05-20", known="2026-06-01")
    in_time.waive("MON-06.e1.after-first", "2025-05-20", known="2025-05-20")

    assert yearly_flag(late, "2026-06-02") == ("2026-05-15", True)
    assert yearly_flag(in_time, "2026-06-02") == ("2026-05-15", False)


def test_R20_what_follows_an_exam_corrected_late_began_with_the_correction() -> None:
    t = treated()
    exam = t.exam("skin", "2025-05-01")
    assert yearly_flag(t, "2026-05-20") == ("2026-05-01", False)
    t.exam("skin", "2024-06-01", corrects=exam, known="2025-08-01")

    assert yearly_flag(t, "2025-08-02") == ("2025-06-01", True)


def test_R20_what_follows_a_higher_version_recorded_late_began_with_it() -> None:
    t = treated()
    t.exam("skin", "2025-05-01", business=("E-1", 1))
    t.exam("skin", "2024-06-01", business=("E-1", 2), known="2025-08-01")

    assert yearly_flag(t, "2025-08-02") == ("2025-06-01", True)


def test_R20_what_did_not_apply_began_when_it_began_to_apply() -> None:
    t = treated(sex="male")
    t.demographics(sex="female", known="2025-08-01", corrects=t.facts[0].fact_id)

    assert yearly_flag(t, "2025-08-02", "MON-07") == ("2025-05-15", True)


def test_R20_an_exam_on_file_that_was_voided_late_leaves_what_began_then() -> None:
    t = Scenario()
    exam = t.exam("skin", "2024-05-01")
    t.exam("skin", "2023-06-01", known="2024-05-02")
    t.infusion("2024-05-15")
    t.void(exam, known="2024-08-01")

    assert yearly_flag(t, "2024-08-02") == ("2024-06-01", True)


def test_R20_what_follows_an_exam_recorded_late_began_when_that_was_recorded() -> None:
    t = treated()
    t.exam("skin", "2024-06-01", known="2025-08-01")

    assert yearly_flag(t, "2025-08-02") == ("2025-06-01", True)


def test_R20_what_follows_a_yearly_form_began_when_that_was_recorded() -> None:
    """No edition asks for a form a year after the last one; the rules would know what to do."""
    form = replace(EDITION.requirements["MON-10"], timing=Rolling(every_months=12, opens_before_days=30))
    yearly = replace(EDITION, requirements={form.id: form})

    def flag(known: str) -> bool:
        t = treated()
        t.form("2024-06-01", known=known)
        return assess(yearly, t.facts, date(2025, 8, 2)).roll_ups[0].overdue_on_discovery

    assert (flag("2024-06-01"), flag("2025-08-01")) == (False, True)


def test_R20_a_ring_of_voids_that_reaches_the_void_of_an_exam_leaves_it_in_force() -> None:
    t = treated()
    exam = t.exam("skin", "2024-06-01")
    t.void(exam, business=("V-1", None), known="2024-07-01")
    ring = t.void(named("V-1"))
    t.void(ring, business=("V-1", None))

    assert yearly_flag(t, "2025-08-02") == ("2025-05-15", False)


def test_R20_what_did_not_apply_by_a_statement_that_was_voided_began_with_the_void() -> None:
    t = treated("2024-01-08")
    male = t.demographics(sex="male", known="2024-06-01")
    t.void(male, known="2025-03-01")

    [slot] = t.at("2025-03-02").slots("MON-07")
    assert (slot.standing, slot.overdue_on_discovery) == ("overdue", True)


def test_a_yearly_screen_that_a_voided_result_made_is_withdrawn_with_its_dates() -> None:
    t = treated("2024-01-08")
    screen = t.lab("2024-06-01", "59263-4")
    t.void(screen, known="2024-07-01")

    withdrawn = t.at("2024-07-02").find("MON-07", f"e1.after-{screen}")
    assert withdrawn is not None
    assert (withdrawn.standing, withdrawn.due_on) == ("withdrawn", "2025-06-01")


def test_R20_what_evidence_filled_although_it_does_not_apply_is_flagged_as_any_other() -> None:
    def flag(recorded: str) -> bool:
        t = Scenario(sex="male")
        t.exam("hpv", "2023-02-04")
        t.infusion("2024-05-15", known=recorded)
        t.exam("hpv", "2024-06-30")
        slot = t.at("2024-07-01").slots("MON-07")[0]
        assert (slot.standing, slot.due_on) == ("done_late", "2024-05-15")
        return bool(slot.overdue_on_discovery)

    assert (flag("2024-05-15"), flag("2024-05-16")) == (False, True)
