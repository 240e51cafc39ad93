"""What differs between two beliefs on one day, and which fact made the difference."""

from datetime import date

from services.monitoring.rules.comparing import (
    NOTHING,
    Caused,
    Difference,
    SlotChange,
    caused,
    causes,
    difference,
    look,
)
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1 import facts as v1
from tests.scenario import EDITION, Scenario, treated


def differing(t: Scenario, last: int, on: str) -> Difference:
    """What the last facts changed together."""
    day = date.fromisoformat(on)
    before, after = Treatment(EDITION, t.facts[:-last]), Treatment(EDITION, t.facts)
    return difference(look(before, day), look(after, day))


def folded(t: Scenario, last: int, on: str) -> list[Caused]:
    return list(caused(Treatment(EDITION, t.facts[:-last]), t.facts[-last:], date.fromisoformat(on)))


def slots(found: Difference, requirement: str = "MON-02") -> dict[str, SlotChange]:
    return {one.obligation_id.split(f"{requirement}.")[1]: one for one in found.slots if one.requirement == requirement}


def kinds(found: Difference, requirement: str = "MON-02") -> dict[str, tuple[str, ...]]:
    return {key: one.kinds for key, one in slots(found, requirement).items()}


def test_a_result_satisfies_its_slot_and_moves_the_line_on() -> None:
    t = treated()
    t.lab("2024-06-14", "creatinine")
    found = differing(t, 1, "2024-06-14")
    assert kinds(found) == {"e1.s1": ("satisfied",)}
    change = slots(found)["e1.s1"]
    assert change.before is not None
    assert change.after is not None
    assert (change.before.standing, change.after.standing) == ("due", "done")
    assert (change.before.missing, str(change.after.completed_on)) == (("creatinine",), "2024-06-14")
    (line,) = found.lines
    assert line.before is not None
    assert line.after is not None
    assert (line.requirement, line.title) == ("MON-02", "Serum creatinine")
    assert (str(line.before.due_on), str(line.after.due_on)) == ("2024-06-15", "2024-07-15")


def test_an_extra_result_changes_nothing() -> None:
    t = treated()
    t.lab("2024-06-12", "creatinine")
    t.lab("2024-06-14", "creatinine")
    assert differing(t, 1, "2024-06-14") == Difference((), ())


def test_a_cancelled_result_reopens_its_slot() -> None:
    t = treated()
    result = t.lab("2024-06-14", "creatinine")
    t.cancel(result, known="2024-06-16")
    assert kinds(differing(t, 1, "2024-06-16")) == {"e1.s1": ("reopened",)}


def test_part_of_a_panel_changes_what_is_missing() -> None:
    t = treated()
    t.lab("2024-06-14", "ALT")
    found = differing(t, 1, "2024-06-14")
    assert kinds(found, "MON-05") == {"e1.s1": ("changed",)}
    after = slots(found, "MON-05")["e1.s1"].after
    assert after is not None
    assert (after.partial, after.missing) == (True, ("AST", "total bilirubin"))


def test_the_first_infusion_opens_every_slot_and_every_line() -> None:
    t = treated(days=1)
    found = differing(t, 1, "2024-05-15")
    assert {one.kinds for one in found.slots} == {("opened",)}
    assert len(slots(found)) == 48
    assert all(one.before is None for one in found.slots)
    assert [line.requirement for line in found.lines] == sorted(line.requirement for line in found.lines)
    assert all(line.before is None and line.after is not None for line in found.lines)


def test_a_slot_opened_by_what_was_told_late_may_be_satisfied_at_once() -> None:
    t = Scenario()
    t.lab("2024-06-14", "creatinine", known="2024-06-20")
    t.infusion("2024-05-15", known="2024-06-21")
    assert kinds(differing(t, 1, "2024-06-22"))["e1.s1"] == ("opened", "satisfied")


def test_a_void_withdraws_what_the_infusion_had_opened() -> None:
    t = treated()
    t.void_infusion(t.infusion("2025-05-19"), known="2025-05-21")
    found = differing(t, 1, "2025-05-22")
    assert slots(found).keys() == {f"e1.s{n}" for n in range(49, 61)}
    assert {one.kinds for one in slots(found).values()} == {("withdrawn",)}
    after = slots(found)["e1.s49"].after
    assert after is not None
    assert after.standing == "withdrawn"


def test_what_was_made_and_unmade_in_between_is_listed_as_withdrawn() -> None:
    t = treated()
    t.void_infusion(t.infusion("2025-05-19"), known="2025-05-21")
    found = differing(t, 2, "2025-05-22")
    assert {(one.before, one.kinds) for one in slots(found).values()} == {(None, ("withdrawn",))}


def test_a_requirement_that_applies_no_more_withdraws_what_it_had_listed() -> None:
    t = treated(sex="unknown")
    t.demographics(known="2024-06-01", sex="male")
    found = differing(t, 1, "2024-06-01")
    assert [(one.requirement, one.kinds, one.after) for one in found.slots] == [("MON-07", ("withdrawn",), None)]
    (line,) = found.lines
    assert line.after is not None
    assert line.after.standing == "not_applicable"


def test_an_earlier_first_infusion_moves_every_window() -> None:
    t = treated("2024-05-15")
    t.infusion("2024-05-14", known="2024-05-20")
    found = differing(t, 1, "2024-05-20")
    assert {one.kinds for one in slots(found).values()} == {("moved",)}
    change = slots(found)["e1.s1"]
    assert change.before is not None
    assert change.after is not None
    assert (str(change.before.due_on), str(change.after.due_on)) == ("2024-06-15", "2024-06-14")


def test_a_moved_window_may_lose_what_filled_it_too() -> None:
    t = Scenario()
    first = t.infusion("2024-05-13")
    t.infusion("2024-05-14")
    t.lab("2024-06-06", "creatinine")
    t.void_infusion(first, known="2024-06-18")
    assert kinds(differing(t, 1, "2024-06-20"))["e1.s1"] == ("moved", "reopened")


def test_a_window_that_moves_is_changed_too_where_it_stands_otherwise() -> None:
    t = Scenario()
    first = t.infusion("2024-05-13")
    t.infusion("2024-05-15")
    t.void_infusion(first, known="2024-06-14")
    assert kinds(differing(t, 1, "2024-06-14"))["e1.s1"] == ("moved", "changed")
    assert kinds(differing(t, 1, "2024-05-20"))["e1.s1"] == ("moved",)


def test_an_earlier_episode_told_late_withdraws_and_opens_what_was_renumbered() -> None:
    t = Scenario()
    t.infusion("2024-05-15")
    t.infusion("2015-01-10", known="2024-06-01")
    found = differing(t, 1, "2024-06-01")
    assert kinds(found)["e1.s1"] == ("withdrawn", "opened")
    assert kinds(found)["e2.s1"] == ("opened",)


def test_slots_come_by_requirement_then_due_date() -> None:
    t = treated()
    t.infusion("2025-05-19")
    found = differing(t, 1, "2025-05-19")
    keys = [(one.requirement, one.after.due_on) for one in found.slots if one.after]
    assert keys == sorted(keys)
    assert [one.obligation_id.rpartition(".")[2] for one in found.slots[:3]] == ["s49", "s50", "s51"]


def test_each_fact_is_told_with_what_it_changed_and_nothing_where_it_changed_nothing() -> None:
    t = treated()
    t.lab("2024-06-12", "creatinine")
    t.record(v1.VaccineAdministered("187"), "2024-06-13")
    t.lab("2024-06-14", "creatinine", "urine RBC", "urine WBC")
    told = [[one.requirement for one in step.difference.slots] for step in folded(t, 3, "2024-06-20")]
    assert told == [["MON-02"], [], ["MON-03"]]


def test_causes_name_the_facts_of_a_slot_and_of_a_line_in_the_order_of_the_log() -> None:
    t = treated()
    result = t.lab("2024-06-12", "creatinine")
    t.cancel(result, known="2024-06-16")
    why = causes(folded(t, 2, "2024-06-20"))
    expected = (t.facts[-2].fact_id, t.facts[-1].fact_id)
    assert why == {f"{t.treatment}.MON-02.e1.s1": expected, "MON-02": expected}


def test_looking_anew_at_some_requirements_keeps_what_is_known_of_the_others() -> None:
    t = treated()
    day = date(2024, 6, 20)
    before = look(Treatment(EDITION, t.facts), day)
    t.lab("2024-06-12", *("creatinine", "urine RBC", "urine WBC"))
    after = Treatment(EDITION, t.facts)
    some = look(after, day, ["MON-02"], before)
    whole = look(after, day)
    for key, slot in some.slots.items():
        assert slot == (whole if slot.requirement == "MON-02" else before).slots[key]
    assert (some.lines["MON-02"], some.lines["MON-03"]) == (whole.lines["MON-02"], before.lines["MON-03"])
    assert look(Treatment(EDITION), day) == NOTHING


def test_what_is_no_longer_listed_is_not_kept_from_an_earlier_look() -> None:
    t = treated(sex="unknown")
    finding = t.record(v1.ReactionReported(("petechiae",)), "2024-06-10")
    day = date(2024, 6, 20)
    before = look(Treatment(EDITION, t.facts), day)
    t.record(v1.ReactionRetracted("in error"), corrects=finding, known="2024-06-12")
    t.demographics(known="2024-06-13", sex="male")
    after = Treatment(EDITION, t.facts)
    assert look(after, day, ["MON-07", "TRG-01"], before) == look(after, day)
