"""R5: what a void removes, what a correction carries, and rings."""

import pytest

from shared.contracts.v1 import facts as v1
from tests.scenario import CBC, LIVER, Scenario, named, treated


def standing(t: Scenario, known: str | None = None) -> str:
    return t.at("2024-06-16", known).standing("MON-01", 1)


def test_R5_a_void_removes_the_fact_it_names() -> None:
    t = treated()
    t.void(t.cbc("2024-06-10"))

    assert standing(t) == "overdue"


def test_R5_a_void_may_name_the_senders_own_name() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, business=("R-1", 1))
    t.void(named("R-1"))

    assert standing(t) == "overdue"


def test_R5_voiding_a_fact_removes_it_with_all_its_corrections() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    first = t.correct_lab(cbc, "2024-06-10", *CBC)
    t.correct_lab(first, "2024-06-10", *CBC)
    t.void(cbc)

    assert standing(t) == "overdue"


def test_R5_a_correction_never_revives_a_voided_fact() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    t.void(cbc)
    t.correct_lab(cbc, "2024-06-10", *CBC)

    assert standing(t) == "overdue"


def test_R5_a_higher_version_never_revives_a_voided_fact() -> None:
    t = treated()
    cbc = t.lab("2024-06-10", *CBC, business=("R-1", 1))
    t.void(cbc)
    t.lab("2024-06-10", *CBC, business=("R-1", 2))

    assert standing(t) == "overdue"


def test_R5_voiding_a_correction_lets_what_it_corrected_stand_again() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    wrong = t.correct_lab(cbc, "2024-06-10", *CBC, status="entered-in-error")
    assert standing(t) == "overdue"
    t.void(wrong)

    assert standing(t) == "done"


def test_R5_voiding_a_correction_leaves_a_later_correction_standing() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    first = t.correct_lab(cbc, "2024-06-10", *CBC, status="cancelled")
    t.correct_lab(first, "2024-06-10", *CBC)
    t.void(first)

    assert standing(t) == "done"


def test_R5_only_a_void_of_the_void_reinstates() -> None:
    t = treated()
    void = t.void(t.cbc("2024-06-10"), known="2024-06-11")
    back = t.void(void, known="2024-06-12")
    t.void(back, known="2024-06-13")

    assert [standing(t, f"2024-06-{day}") for day in (10, 11, 12, 13)] == ["done", "overdue", "done", "overdue"]


def test_R5_two_voids_of_one_fact_need_two_reinstatements() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    first, second = t.void(cbc), t.void(cbc)
    t.void(first)
    assert standing(t) == "overdue"
    t.void(second)

    assert standing(t) == "done"


def test_R5_voids_that_form_a_ring_have_no_effect() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    other_half = t.fact_id(len(t.facts) + 2)
    t.void(other_half)
    t.void(t.fact_id(len(t.facts)))

    assert t.fact_id(len(t.facts)) == other_half
    assert standing(t) == "done"
    t.void(cbc)
    assert standing(t) == "overdue"


def test_R5_a_void_that_names_itself_has_no_effect() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.void(t.fact_id(len(t.facts) + 1))

    assert standing(t) == "done"


def test_R5_a_void_that_arrives_before_what_it_names_waits_for_it() -> None:
    t = treated()
    t.void(named("R-1"), known="2024-06-09")
    t.lab("2024-06-10", *CBC, business=("R-1", 1))

    assert standing(t) == "overdue"


@pytest.mark.parametrize("void", [v1.InfusionVoided("wrong patient"), v1.FactVoided("wrong patient")])
def test_R5_an_infusion_is_voided_by_its_own_void_and_by_the_general_one(void: v1.FactData) -> None:
    t = treated()
    second = t.infusion("2025-05-20")
    gone = t.record(void, corrects=second, known="2025-05-22")
    assert t.at("2025-06-01").episode.ends_on == "2028-05-19"
    assert t.at("2025-06-01", "2025-05-21").episode.ends_on == "2029-05-20"
    t.void(gone)

    assert t.at("2025-06-01").episode.ends_on == "2029-05-20"


def test_R5_a_correction_carries_the_whole_content() -> None:
    t = treated(days=1)
    t.record(v1.InfusionAdministered(dose_mg=3), "2024-05-20", corrects=t.facts[-1].fact_id)

    view = t.at("2024-06-16")
    course = view.episode.courses[0]
    assert (view.episode.anchor, course["infusions"], course["total_mg"]) == ("2024-05-20", 1, 3)


def test_R5_a_whole_correction_of_a_lab_drops_the_codes_it_leaves_out() -> None:
    t = treated()
    liver = t.lab("2024-06-10", *LIVER)
    t.lab("2024-06-10", "ALT", corrects=liver)

    assert t.at("2024-06-16").slot("MON-05", 1).missing == ["AST", "total bilirubin"]


def test_R5_a_lab_correction_replaces_only_the_codes_it_names() -> None:
    t = treated()
    liver = t.lab("2024-06-10", *LIVER)
    t.correct_lab(liver, "2024-06-10", "AST", status="entered-in-error")

    assert t.at("2024-06-16").slot("MON-05", 1).missing == ["AST"]


def test_R5_a_lab_corrections_date_moves_only_the_codes_it_names() -> None:
    t = treated()
    liver = t.lab("2024-06-10", *LIVER)
    t.correct_lab(liver, "2024-06-17", "AST")

    slot = t.at("2024-06-20").slot("MON-05", 1)
    assert (slot.standing, slot.completed_on) == ("done_late", "2024-06-17")
    assert t.at("2024-06-16").slot("MON-05", 1).missing == ["AST"]


def test_R5_a_lab_correction_may_move_codes_out_of_the_window() -> None:
    t = treated()
    liver = t.lab("2024-07-07", *LIVER)
    t.correct_lab(liver, "2024-07-08", "ALT", "AST", "total bilirubin")

    view = t.at("2024-07-08")
    assert (view.standing("MON-05", 1), view.standing("MON-05", 2)) == ("missed", "done")


def test_R5_corrections_of_different_codes_stand_beside_each_other() -> None:
    t = treated()
    liver = t.lab("2024-06-10", *LIVER, status="preliminary")
    t.correct_lab(liver, "2024-06-10", "ALT", status="final")
    t.correct_lab(liver, "2024-06-10", "AST", "total bilirubin", status="final")

    assert t.at("2024-06-16").standing("MON-05", 1) == "done"


def test_R5_exams_transfers_waivers_and_refusals_can_be_voided_too() -> None:
    t = treated()
    exam = t.exam("skin", "2025-05-01")
    waiver = t.waive("MON-01", "2024-06-01", known="2025-05-01")
    refusal = t.decline("2024-06-01", "MON-02", known="2025-05-01")
    for fact in (exam, waiver, refusal):
        t.void(fact, known="2025-06-01")

    before, after = t.at("2025-05-20", "2025-05-31"), t.at("2025-05-20")
    assert (before.roll_up("MON-06").standing, after.roll_up("MON-06").standing) == ("upcoming", "overdue")
    assert (before.roll_up("MON-01").standing, after.roll_up("MON-01").standing) == ("waived", "overdue")
    assert (before.roll_up("MON-02").standing, after.roll_up("MON-02").standing) == ("declined", "overdue")


def test_R5_a_longer_ring_has_no_effect_either_nor_has_a_void_of_a_part_of_it() -> None:
    t = treated()
    t.cbc("2024-06-10")
    first = len(t.facts) + 1
    for step in (1, 2, 0):
        t.void(t.fact_id(first + step))
    assert standing(t) == "done"

    t.void(t.fact_id(first))
    assert standing(t) == "done"


def test_R5_a_void_that_no_ring_holds_loses_its_effect_to_its_own_void() -> None:
    """The twin: a void that is voided by something outside of a ring loses its effect as usual."""
    t = treated()
    cbc = t.cbc("2024-06-10")
    void = t.void(cbc)
    assert standing(t) == "overdue"
    t.void(void)

    assert standing(t) == "done"


def test_R5_a_transfer_corrected_to_another_date_moves() -> None:
    t = treated()
    away = t.transfer_out("2024-06-10")
    t.transfer_out("2024-06-20", corrects=away, known="2024-06-25")

    assert t.at("2024-06-19").standing("MON-01", 1) == "overdue"
    assert t.at("2024-06-20").standing("MON-01", 1) == "suspended"


def test_R5_a_refusal_and_a_death_corrected_to_another_date_move() -> None:
    t = treated()
    refusal = t.decline("2024-06-10", "MON-01")
    t.decline("2024-06-20", "MON-02", corrects=refusal, known="2024-06-25")
    death = t.death("2024-09-01")
    t.death("2024-10-01", corrects=death, known="2024-10-02")

    view = t.at("2024-06-20")
    assert (view.standing("MON-01", 1), view.standing("MON-02", 1)) == ("overdue", "declined")
    assert t.at("2024-09-10").standing("MON-03", 4) == "due"


def test_R5_of_versions_under_one_name_a_void_undoes_only_the_one_it_names() -> None:
    def told(voided: int) -> str:
        t = treated()
        statuses = ("final", "cancelled", "final", "entered-in-error")
        versions = [
            t.lab("2024-06-10", *CBC, status=status, business=("R-1", number))  # type: ignore[arg-type]
            for number, status in enumerate(statuses, start=1)
        ]
        t.void(versions[voided - 1])
        return standing(t)

    assert [told(version) for version in (1, 2, 3, 4)] == ["overdue", "overdue", "overdue", "done"]


def test_R5_a_void_of_a_middle_version_leaves_the_later_ones() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, business=("R-1", 1))
    middle = t.lab("2024-06-10", *CBC, status="cancelled", business=("R-1", 2))
    t.lab("2024-06-10", *CBC, business=("R-1", 3))
    t.void(middle)

    assert standing(t) == "done"


def test_R5_a_void_may_be_named_by_the_senders_own_name_for_it() -> None:
    t = treated()
    t.void(t.cbc("2024-06-10"), business=("V-1", None))
    t.void(named("V-1"), known="2024-06-12")

    assert standing(t, "2024-06-11") == "overdue"
    assert standing(t) == "done"


def test_R5_what_a_ring_voids_beside_itself_keeps_its_effect() -> None:
    """The first void names two by their one name: its partner in the ring, and one that is in no ring."""
    t = treated()
    cbc = t.cbc("2024-06-10")
    first = t.void(named("V-1"))
    t.void(first, business=("V-1", None))
    gone = t.fact_id(len(t.facts) + 2)
    t.void(gone, business=("V-1", None))
    assert t.void(cbc) == gone

    assert standing(t) == "done"


def test_R5_a_void_of_a_correction_leaves_what_corrects_that_one() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    first = t.correct_lab(cbc, "2024-06-10", *CBC)
    t.correct_lab(first, "2024-06-10", *CBC, status="entered-in-error")
    t.void(first)

    assert standing(t) == "overdue"


def test_R5_a_void_by_the_name_of_a_correction_leaves_what_corrects_that_one_as_a_void_by_its_id_does() -> None:
    def told(by_name: bool) -> str:
        t = treated()
        cbc = t.cbc("2024-06-10")
        first = t.correct_lab(cbc, "2024-06-10", *CBC, business=("C-1", None))
        t.correct_lab(named("C-1"), "2024-06-10", *CBC, status="entered-in-error")
        t.void(named("C-1") if by_name else first)
        return standing(t)

    assert [told(by_name=True), told(by_name=False)] == ["overdue", "overdue"]


def test_R5_a_void_by_a_name_that_versions_share_removes_them_all() -> None:
    t = treated()
    cbc = t.lab("2024-06-10", *CBC, business=("R-1", 1))
    t.lab("2024-06-10", *CBC, business=("R-1", 2))
    t.correct_lab(cbc, "2024-06-10", *CBC, business=("R-9", 3))
    t.void(named("R-1"))

    assert standing(t) == "overdue"


def test_R5_a_void_that_leads_into_a_ring_of_others_is_read_to_an_end() -> None:
    t = treated()
    number = len(t.facts)
    t.void(t.fact_id(number + 2))
    t.void(t.fact_id(number + 3))
    t.void(t.fact_id(number + 2))
    assert t.at("2024-06-16").slot("MON-01", 1).standing == "overdue"
