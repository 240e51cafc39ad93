"""Deviations, holds and readiness are functions of the set of facts, of both clocks and of nothing else."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from services.monitoring.rules import assess
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.found import Deviation
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.holds.find import holds
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.readiness.judge import readiness
from services.monitoring.rules.readiness.line import Readiness
from services.monitoring.rules.record import Record
from tests.monitoring.properties.histories import histories, questions, shuffled
from tests.scenario import EDITION

Everything = tuple[tuple[Deviation, ...], tuple[Hold, ...], Readiness]


def everything(facts: Iterable[Fact], on: date, known_at: datetime | None) -> Everything:
    known = [fact for fact in facts if known_at is None or fact.recorded_at <= known_at]
    story = Story(Record(known), EDITION.courses, on)
    rows = assess(EDITION, known, on).roll_ups
    planned_at = datetime(on.year, on.month, on.day, 14, tzinfo=UTC) + timedelta(days=3)
    return (
        deviations(EDITION.infusions, EDITION.requirements, story),
        holds(EDITION.infusions.holds, story.record, rows, on),
        readiness(EDITION.infusions, EDITION.requirements, story, rows, planned_at),
    )


def test_any_order_and_any_repetition_of_the_facts_finds_the_same() -> None:
    for history in histories(15):
        rng = random.Random(history.treatment)
        for on, known_at in questions(history, rng, 2):
            found = everything(history.facts, on, known_at)
            assert everything(shuffled(history.facts, rng), on, known_at) == found
            assert everything(list(reversed(history.facts)), on, known_at) == found


def test_what_was_recorded_later_changes_nothing_that_was_known() -> None:
    for history in histories(10, seed=11):
        rng = random.Random(history.treatment)
        for on, known_at in questions(history, rng, 2):
            if known_at is not None:
                by_then = [fact for fact in history.facts if fact.recorded_at <= known_at]
                assert everything(by_then, on, None) == everything(history.facts, on, known_at)


def test_random_histories_come_upon_many_rules() -> None:
    """A generator that never breaks a rule would prove nothing."""
    seen: Counter[str] = Counter()
    for history in histories(30, seed=3):
        rng = random.Random(history.treatment)
        for on, known_at in questions(history, rng, 1):
            broken, held, ready = everything(history.facts, on, known_at)
            seen.update(one.deviation for one in broken)
            seen.update(one.standing for one in held)
            seen.update(one.standing for one in ready.lines)
            assert all(one.sentence.endswith(".") for one in (*broken, *held, *ready.lines))
    wanted = {
        "dose", "incomplete_course", "excess_course", "interval", "same_day", "no_baseline", "observation_missing",
        "not_diluted", "premedication_missing", "no_lot", "in_force", "lifted", "withdrawn",
        "met", "not_met", "unknown", "not_applicable",
    }  # fmt: skip
    assert wanted <= set(seen), wanted - set(seen)
