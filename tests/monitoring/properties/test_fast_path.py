"""The fast path names what a fact can change; at every prefix of a history it may name too much, never too little."""

import random
from datetime import date, timedelta

from services.monitoring.rules.affected import affected
from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.treatment import Treatment
from tests.monitoring.properties.histories import REQUIREMENTS, History, histories
from tests.scenario import EDITION

Lines = dict[tuple[str, date], RollUp | None]


def lines(treatment: Treatment, days: list[date]) -> Lines:
    return {
        (requirement, day): treatment.chapter(requirement).roll_up(day)
        if treatment.chapter(requirement).exists(day)
        else None
        for requirement in REQUIREMENTS
        for day in days
    }


def telling_days(history: History, rng: random.Random) -> list[date]:
    """Days before, around and after what happened."""
    spread = [history.anchor + timedelta(days=rng.randrange(-20, 2000)) for _ in range(4)]
    return [*spread, history.anchor + timedelta(days=rng.randrange(1900, 3600))]


def slips(history: History, rng: random.Random) -> list[str]:
    days = telling_days(history, rng)
    grown = Treatment(EDITION, ())
    before = lines(grown, days)
    wrong = []
    for place, new in enumerate(history.facts):
        told = history.facts[:place]
        named = affected(EDITION, told, new)
        grown = grown.with_fact(new)
        after = lines(Treatment(EDITION, [*told, new]), days)
        if lines(grown, days) != after:
            wrong.append(f"{history.treatment} grew wrongly with {new.type} {new.version}")
        for (requirement, day), row in after.items():
            first = named.get(requirement, date.max)
            changed = row != before[requirement, day]
            if changed and first is not None and day < first:
                wrong.append(f"{history.treatment} {new.type} {new.version} changed {requirement} on {day}: {row}")
        before = after
    return wrong


def test_at_every_prefix_the_fast_path_answers_as_the_pure_function_and_what_it_does_not_name_stays() -> None:
    assert [line for h in histories(15, seed=5) for line in slips(h, random.Random(h.treatment))] == []


def test_a_fact_that_arrives_before_an_earlier_one_is_named_whole() -> None:
    for history in histories(20, seed=6):
        *told, late, last = history.facts
        named = affected(EDITION, [*told, last], late)

        assert set(named) == set(EDITION.requirements)
        assert set(named.values()) == {None}


def test_a_fact_seen_before_changes_nothing() -> None:
    for history in histories(20, seed=6):
        assert affected(EDITION, history.facts, history.facts[-1]) == {}


def test_the_fast_path_is_worth_having() -> None:
    """The twin of naming too little: an ordinary result names only the requirements of its codes, from its own day."""
    named = [
        affected(EDITION, history.facts[:place], fact)
        for history in histories(20, seed=8)
        for place, fact in enumerate(history.facts)
        if fact.type in {"LabResultRecorded", "ExamPerformed", "RemsFormSubmitted"}
    ]
    narrow = sum(len(one) < len(REQUIREMENTS) and None not in one.values() for one in named)

    assert narrow > len(named) * 0.8
