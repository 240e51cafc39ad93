"""Explanations of random histories: the steps lead to the slot's own dates, and the evidence is the slot's own."""

import random
from dataclasses import dataclass

import pytest

from services.monitoring.rules.answers import Slot
from services.monitoring.rules.assess import assess_treatment
from services.monitoring.rules.edition import Grid, Once, Rolling
from services.monitoring.rules.explaining.explanation import Explanation, explain
from services.monitoring.rules.explaining.steps import Step, done_again
from services.monitoring.rules.treatment import Treatment
from tests.monitoring.properties.histories import histories, questions
from tests.scenario import EDITION

_COMMON = {"upcoming", "missed", "done"}


@dataclass(frozen=True)
class Case:
    slot: Slot
    explanation: Explanation | None


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    found: list[Case] = []
    for number, history in enumerate(histories(80, seed=7)):
        rng = random.Random(number)
        for on, known_at in questions(history, rng, 2):
            facts = [fact for fact in history.facts if known_at is None or fact.recorded_at <= known_at]
            treatment = Treatment(EDITION, facts)
            slots = assess_treatment(treatment, on).slots
            rare = [slot for slot in slots if slot.slot is None or slot.standing not in _COMMON]
            drawn = [*rng.sample(slots, min(3, len(slots))), *rng.sample(rare, min(3, len(rare)))]
            found.extend(Case(slot, explain(treatment, slot.obligation_id, on)) for slot in drawn)
    return found


def test_whatever_is_listed_is_explained_and_every_standing_occurs(cases: list[Case]) -> None:
    assert [case.slot for case in cases if case.explanation is None] == []
    assert {case.slot.standing for case in cases} == {
        "upcoming", "due", "overdue", "missed", "done", "done_late", "withdrawn", "waived", "suspended",
        "not_monitored_here", "declined", "cancelled",
    }  # fmt: skip


def test_every_kind_of_timing_occurs(cases: list[Case]) -> None:
    kinds = {type(EDITION.requirements[case.slot.requirement].timing) for case in cases}
    assert kinds == {Grid, Rolling, Once}


def test_the_last_step_is_the_due_date_and_each_date_is_that_of_the_slot(cases: list[Case]) -> None:
    for case in cases:
        assert case.explanation is not None
        steps = case.explanation.steps
        slot = case.slot
        assert steps[-1].gives == "answer"
        assert steps[-1].result == slot.due_on
        assert [step.result for step in steps if step.gives == "due"][-1] == slot.due_on
        assert [step.result for step in steps if step.gives == "opens"] == [slot.opens_on]
        assert [step.result for step in steps if step.gives == "closes"] == ([slot.closes_on] if slot.closes_on else [])


def test_each_step_gives_its_result_again(cases: list[Case]) -> None:
    for case in cases:
        assert case.explanation is not None
        for line in case.explanation.steps:
            step = Step(line.gives, line.operation, line.inputs, line.source, line.result)
            assert done_again(step) == line.result


def test_what_is_accepted_is_what_the_slot_counts(cases: list[Case]) -> None:
    for case in cases:
        assert case.explanation is not None
        if case.slot.standing == "withdrawn":
            continue
        accepted = {
            (one.fact_id, one.occurred_on, part)
            for one in case.explanation.evidence
            if one.verdict == "accepted"
            for part in one.components
        }
        counted = {
            (one.fact_id, one.occurred_on, part) for one in case.slot.evidence if one.counts for part in one.components
        }
        assert accepted == counted


def test_what_stands_between_an_obligation_and_the_calendar_decides_where_its_standing_says_so(
    cases: list[Case],
) -> None:
    for case in cases:
        assert case.explanation is not None
        deciding = {one.kind for one in case.explanation.circumstances if one.decides} - {"applicability"}
        expected = {
            "cancelled": {"death"},
            "waived": {"waiver"},
            "suspended": {"transfer"},
            "not_monitored_here": {"transfer"},
            "declined": {"refusal"},
        }.get(case.slot.standing, {"transfer"} if case.slot.reason == "handed_over_overdue" else set())
        assert deciding == expected, case
        assert all(one.fact_ids for one in case.explanation.circumstances if one.kind in deciding), case


def test_what_is_owed_no_more_says_what_took_it_away(cases: list[Case]) -> None:
    for case in cases:
        if case.slot.standing == "withdrawn":
            assert case.explanation is not None
            assert case.explanation.came_about[-1].change == "withdrawn"
            assert "is owed no more. " in case.explanation.paragraph
