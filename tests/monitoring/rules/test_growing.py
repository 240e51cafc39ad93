"""A treatment that grows fact by fact is the treatment that is read at once: the projection's way and the pure one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.monitoring.rules.growing import Growing
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from tests.monitoring.rules.test_spans_of_timelines import HISTORIES
from tests.scenario import CBC, EDITION, SYSTEM, Scenario, named, treated
from tests.timeline import Timeline

STORIES = [one for one in HISTORIES if one.name[:3] in {"eve", "lat", "T5 ", "T6 ", "T7 ", "T10", "T11"}]


def lines(treatment: Treatment, day: date) -> list[object]:
    chapters = [treatment.chapter(requirement) for requirement in EDITION.requirements]
    return [chapter.roll_up(day) for chapter in chapters] if treatment.episodes(day) else []


@pytest.mark.parametrize("timeline", STORIES, ids=str)
def test_at_every_fact_a_grown_treatment_answers_as_one_read_at_once(timeline: Timeline) -> None:
    facts = timeline.history.facts
    grown = Treatment(EDITION, ())
    for place, fact in enumerate(facts, start=1):
        grown = grown.with_fact(fact)
        day = fact.recorded_at.date() + timedelta(days=40)
        assert lines(grown, day) == lines(Treatment(EDITION, facts[:place]), day)
        assert grown.belief.version == fact.version


def both(t: Scenario, on: str) -> tuple[list[object], list[object]]:
    grown = Treatment(EDITION, ())
    for fact in t.facts:
        grown = grown.with_fact(fact)
    slots = [
        [
            slot
            for requirement in EDITION.requirements
            for slot in one.chapter(requirement).slots(date.fromisoformat(on))
        ]
        for one in (grown, Treatment(EDITION, t.facts))
    ]
    return slots[0], slots[1]


def test_a_fact_that_others_were_waiting_for_is_no_stranger_to_them() -> None:
    t = treated()
    t.cancel(named("R-1"), known="2024-06-09")
    t.void(t.fact_id(len(t.facts) + 3))
    t.lab("2024-06-10", *CBC, business=("R-1", None))
    t.lab("2024-06-11", "creatinine")

    grown, whole = both(t, "2024-06-16")
    assert grown == whole


def test_facts_that_arrive_out_of_order_are_read_anew() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.exam("skin", "2025-05-01")
    grown = Treatment(EDITION, ())
    for fact in reversed(t.facts):
        grown = grown.with_fact(fact)

    assert lines(grown, date(2025, 6, 1)) == lines(Treatment(EDITION, t.facts), date(2025, 6, 1))


def test_a_result_of_a_cancelled_specimen_that_comes_later_stands_in_both() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, specimen="S-1")
    t.cancel(specimen="S-1")
    t.lab("2024-06-12", *CBC, specimen="S-1")
    t.lab("2024-06-13", "ALT", business=("R-2", 1))
    t.lab("2024-06-13", "AST", business=("R-2", 2))

    grown, whole = both(t, "2024-06-16")
    assert grown == whole


def test_a_specimen_cancelled_before_its_result_came_is_cancelled_in_both_if_it_was_stated_later() -> None:
    t = treated()
    t.cancel(specimen="S-1", known="2024-06-09", issued="2024-06-12")
    t.lab("2024-06-10", *CBC, specimen="S-1", issued="2024-06-11")

    grown, whole = both(t, "2024-06-16")
    assert grown == whole
    assert t.at("2024-06-16").standing("MON-01", 1) == "overdue"


def test_a_stop_that_gave_nothing_takes_its_infusion_out_of_both() -> None:
    t = treated()
    late = t.infusion("2025-05-20")
    t.record(v1.InfusionStopped(parts.Reference(fact_id=late), "fever", given_mg=0), "2025-05-20T09:00:00-04:00")

    grown, whole = both(t, "2025-06-20")
    assert grown == whole
    assert t.at("2025-06-20").episode.ends_on == "2028-05-19"


def test_what_a_list_grew_from_holds_what_it_held_and_can_grow_another_way() -> None:
    before = Growing((1, 2))
    one, other = before.with_one(3), before.with_one(4)

    assert (list(before), list(one), list(other)) == ([1, 2], [1, 2, 3], [1, 2, 4])
    assert (len(before), one[2], other[2], one[:2], one[-1]) == (2, 3, 4, [1, 2], 3)
    with pytest.raises(IndexError):
        before[2]


def test_a_treatment_that_grew_one_way_can_still_grow_another() -> None:
    """A batch that was rolled back leaves the treatment as it was before."""
    t = treated()
    t.lab("2024-06-10", "creatinine", business=("R-1", 1))
    before = Treatment(EDITION, t.facts)
    lost = before.with_fact(
        replace(t.facts[-1], fact_id="lost", position=9, business_id=parts.BusinessId(SYSTEM, "R-1", 2))
    )
    t.lab("2024-06-12", "creatinine", business=("R-1", 2))

    assert lost.belief.readings["2160-0"][0].fact_id == "lost"
    assert before.with_fact(t.facts[-1]).belief == Treatment(EDITION, t.facts).belief


def test_a_correction_of_something_unknown_waits_in_both() -> None:
    t = treated()
    t.correct_lab(named("R-1"), "2024-06-10", *CBC)

    grown, whole = both(t, "2024-06-16")
    assert grown == whole


def test_a_voided_correction_of_who_is_treated_is_undone_in_both() -> None:
    t = treated()
    male = t.demographics(sex="male", known="2024-06-01")
    t.void(male, known="2025-07-01")

    grown, whole = both(t, "2025-07-02")
    assert grown == whole


def test_a_treatment_of_which_nothing_is_known_owes_nothing_and_is_nowhere() -> None:
    nothing = Treatment(EDITION)

    assert nothing.episodes(date(2024, 6, 1)) == ()
    assert nothing.belief.site(date(2024, 6, 1)) == ""
    assert nothing.belief.version == 0


def test_a_stop_on_a_later_day_takes_the_infusion_out_from_that_day_on_in_one_and_the_same_treatment() -> None:
    t = Scenario()
    given = t.infusion("2024-05-15")
    t.record(v1.InfusionStopped(parts.Reference(given), "fever", given_mg=0), "2024-05-17")
    treatment = Treatment(EDITION, t.facts)

    assert len(treatment.episodes(date(2024, 5, 16))) == 1
    assert treatment.episodes(date(2024, 5, 17)) == ()


def test_a_death_recorded_after_later_specimens_takes_them_out_in_both() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.death("2024-06-01", known="2024-06-20")

    grown, whole = both(t, "2024-06-21")
    assert grown == whole
