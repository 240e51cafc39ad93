"""R13: what a slot is when several things hold.

The order: withdrawn, evidence, not applicable, death, waiver, transfer, refusal, calendar.
"""

from tests.scenario import treated


def test_R13_withdrawn_precedes_evidence() -> None:
    t = treated("2023-03-06")
    second = t.infusion("2024-03-11")
    t.cbc("2027-04-06")
    assert t.at("2027-04-06").standing("MON-01", 49) == "done"
    t.void_infusion(second, known="2027-04-07")

    assert t.at("2027-04-07").standing("MON-01", 49) == "withdrawn"
    assert t.at("2027-04-07").slot("MON-01", 49).completed_on is None


def test_R13_withdrawn_precedes_death() -> None:
    t = treated("2023-03-06")
    second = t.infusion("2024-03-11")
    t.void_infusion(second, known="2024-04-01")
    t.death("2024-05-01")

    assert t.at("2024-06-01").standing("MON-01", 60) == "withdrawn"
    assert t.at("2024-06-01").standing("MON-01", 48) == "cancelled"


def test_R13_evidence_precedes_not_applicable() -> None:
    t = treated()
    t.exam("hpv", "2025-05-10")
    t.demographics(sex="male", known="2025-06-01")

    view = t.at("2025-06-01")
    assert [slot.standing for slot in view.slots("MON-07")] == ["done"]
    assert view.roll_up("MON-07").standing == "not_applicable"


def test_R13_not_applicable_precedes_death() -> None:
    t = treated(sex="male")
    t.death("2024-08-01")

    view = t.at("2024-09-01")
    assert (view.slots("MON-07"), view.roll_up("MON-07").standing) == ([], "not_applicable")
    assert view.roll_up("MON-06").standing == "cancelled"


def test_R13_evidence_precedes_death_waiver_transfer_and_refusal() -> None:
    t = treated()
    t.decline("2024-06-01")
    t.transfer_out("2024-06-02")
    t.waive("MON-01", "2024-06-03")
    t.cbc("2024-06-10")
    t.death("2024-06-20")

    view = t.at("2024-06-20")
    assert (view.standing("MON-01", 1), view.standing("MON-01", 2)) == ("done", "cancelled")


def test_R13_death_precedes_a_waiver() -> None:
    t = treated()
    t.waive("MON-01", "2024-06-01")
    assert t.at("2024-06-20").standing("MON-01", 1) == "waived"
    t.death("2024-06-20")

    assert t.at("2024-06-20").standing("MON-01", 1) == "cancelled"


def test_R13_a_waiver_precedes_a_transfer() -> None:
    t = treated()
    t.transfer_out("2024-06-01")
    assert t.at("2024-06-20").standing("MON-01", 1) == "suspended"
    t.waive("MON-01.e1.s1", "2024-06-10")

    view = t.at("2024-06-20")
    assert (view.standing("MON-01", 1), view.standing("MON-01", 2)) == ("waived", "suspended")


def test_R13_a_transfer_precedes_a_refusal() -> None:
    t = treated()
    t.decline("2024-06-01")
    assert t.at("2024-06-20").standing("MON-01", 1) == "declined"
    t.transfer_out("2024-06-10")

    assert t.at("2024-06-20").standing("MON-01", 1) == "suspended"


def test_R13_a_refusal_precedes_the_calendar() -> None:
    t = treated()
    assert t.at("2024-06-20").standing("MON-01", 1) == "overdue"
    t.decline("2024-06-01")

    assert t.at("2024-06-20").standing("MON-01", 1) == "declined"


def test_R13_the_precedence_holds_after_the_window_too() -> None:
    t = treated()
    t.decline("2024-06-01")
    t.waive("MON-01.e1.s1", "2024-07-01")
    t.transfer_out("2024-07-20")

    view = t.at("2024-09-20")
    assert (view.standing("MON-01", 1), view.standing("MON-01", 2)) == ("waived", "suspended")
