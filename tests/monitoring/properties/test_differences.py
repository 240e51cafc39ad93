"""Differences between beliefs about random histories: whole, composed, and attributed to facts."""

import random
from collections.abc import Iterator
from datetime import date

from services.monitoring.rules.assess import assess
from services.monitoring.rules.comparing import Caused, Difference, caused, causes, difference, look
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment
from tests.monitoring.properties.histories import histories, questions
from tests.scenario import EDITION


def cut(count: int, seed: int) -> Iterator[tuple[list[Fact], int, int, date]]:
    """A history, two places in its log, and a day."""
    for history in histories(count, seed=seed):
        rng = random.Random(history.treatment)
        first, second = sorted(rng.sample(range(1, len(history.facts) + 1), 2))
        ((on, _),) = questions(history, rng, 1)
        # At most forty facts between them: whole folds take their time.
        yield history.facts, max(first, second - 40), second, on


def between(facts: list[Fact], first: int, second: int, on: date) -> tuple[Difference, list[Caused]]:
    before = Treatment(EDITION, facts[:first])
    whole = difference(look(before, on), look(Treatment(EDITION, facts[:second]), on))
    return whole, list(caused(before, facts[first:second], on))


def test_what_each_fact_changed_adds_up_to_what_changed() -> None:
    moved = 0
    for facts, first, second, on in cut(24, seed=11):
        whole, folded = between(facts, first, second, on)
        slots = {one.obligation_id: one.before for one in whole.slots}
        lines = {one.requirement: one.before for one in whole.lines}
        for one in folded:
            for slot in one.difference.slots:
                assert slots.setdefault(slot.obligation_id, slot.before) == slot.before, (
                    "a step begins where none ended"
                )
                slots[slot.obligation_id] = slot.after
            for line in one.difference.lines:
                assert lines.setdefault(line.requirement, line.before) == line.before
                lines[line.requirement] = line.after
        for slot in whole.slots:
            assert slots[slot.obligation_id] == slot.after
        for line in whole.lines:
            assert lines[line.requirement] == line.after
        moved += len(whole.slots)
    assert moved > 200


def test_whatever_changed_has_a_fact_that_changed_it() -> None:
    for facts, first, second, on in cut(16, seed=12):
        whole, folded = between(facts, first, second, on)
        why = causes(folded)
        known = {fact.fact_id for fact in facts[first:second]}
        for key in [*(one.obligation_id for one in whole.slots), *(one.requirement for one in whole.lines)]:
            assert why[key], key
            assert set(why[key]) <= known


def test_a_difference_is_explained_by_those_of_its_two_halves() -> None:
    for facts, first, second, on in cut(16, seed=13):
        middle = (first + second) // 2
        whole, folded = between(facts, first, second, on)
        one, folded_one = between(facts, first, middle, on)
        two, folded_two = between(facts, middle, second, on)
        assert folded == folded_one + folded_two
        earlier = {slot.obligation_id: slot for slot in one.slots}
        later = {slot.obligation_id: slot for slot in two.slots}
        for slot in whole.slots:
            key = slot.obligation_id
            assert key in earlier or key in later
            assert (earlier[key].before if key in earlier else later[key].before) == slot.before
            assert (later[key].after if key in later else earlier[key].after) == slot.after
        for key in (earlier.keys() | later.keys()) - {slot.obligation_id for slot in whole.slots}:
            assert earlier[key].before == later[key].after, "what is in no list changed and changed back"


def test_a_look_is_what_is_answered_of_the_treatment() -> None:
    for facts, _, second, on in cut(24, seed=14):
        seen = look(Treatment(EDITION, facts[:second]), on)
        answered = assess(EDITION, facts[:second], on)
        assert seen.episodes == answered.episodes
        assert seen.slots == {slot.obligation_id: slot for slot in answered.slots}
        assert seen.lines == {line.requirement: line for line in answered.roll_ups}
