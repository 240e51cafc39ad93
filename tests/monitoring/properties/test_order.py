"""Invariant 7: whatever the order in which the consumer meets the facts, and however often, the answer is the same."""

import random

from services.monitoring.rules import assess
from tests.monitoring.properties.histories import as_arrived, histories, questions, shuffled
from tests.scenario import EDITION


def test_any_order_and_any_repetition_of_the_facts_gives_the_same_answer() -> None:
    for history in histories(70):
        rng = random.Random(history.treatment)
        for on, known_at in questions(history, rng, 2):
            answer = assess(EDITION, history.facts, on, known_at)

            assert assess(EDITION, shuffled(history.facts, rng), on, known_at) == answer
            assert assess(EDITION, list(reversed(history.facts)), on, known_at) == answer


def test_a_fold_that_takes_the_order_of_arrival_for_the_order_of_the_log_is_caught() -> None:
    caught = 0
    for history in histories(20):
        rng = random.Random(history.treatment)
        on, known_at = questions(history, rng, 1)[0]
        arrived = as_arrived(list({fact.fact_id: fact for fact in shuffled(history.facts, rng)}.values()))
        wrong = assess(EDITION, arrived, on, known_at)
        right = assess(EDITION, history.facts, on, known_at)
        caught += (wrong.slots, wrong.roll_ups, wrong.sex, wrong.site) != (
            right.slots,
            right.roll_ups,
            right.sex,
            right.site,
        )

    assert caught >= 2, "the histories do not tell a fold by arrival from the right one"


def test_what_is_known_is_what_was_recorded_by_then() -> None:
    for history in histories(40, seed=7):
        rng = random.Random(history.treatment)
        for on, known_at in questions(history, rng, 2):
            if known_at is not None:
                by_then = [fact for fact in history.facts if fact.recorded_at <= known_at]
                assert assess(EDITION, history.facts, on, known_at) == assess(EDITION, by_then, on)
