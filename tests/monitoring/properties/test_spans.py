"""Spans hold the roll-up of every date at once, and say the same as the pure function on each of them."""

import random
from dataclasses import replace
from datetime import date, timedelta

import msgspec

from services.monitoring.rules import assess
from services.monitoring.rules.answers import Span
from services.monitoring.rules.spans import answer, spans
from tests.monitoring.properties.histories import REQUIREMENTS, History, histories, questions
from tests.scenario import EDITION


def covering(held: tuple[Span, ...], on: date) -> Span | None:
    found = [span for span in held if span.on_from <= on and (span.on_to is None or on < span.on_to)]
    assert len(found) < 2, "two spans cover one date"
    return found[0] if found else None


def stored(span: Span) -> Span:
    """As it comes back from a database: the tail through JSON."""
    return replace(span, tail=msgspec.json.decode(msgspec.json.encode(span.tail)))


def told_by_dates(span: Span, on: date) -> str:
    """The standing as a worklist query compares it (docs/architecture.md)."""
    ended = span.closes_on is not None and span.closes_on < on
    if span.state == "declined":
        return "ended" if ended else "declined"
    if span.state != "open":
        return span.state
    if ended:
        return "ended"
    assert span.due_on is not None
    assert span.opens_on is not None
    return "overdue" if span.due_on < on else "due" if span.opens_on <= on else "upcoming"


def around_edges(held: tuple[Span, ...], rng: random.Random) -> list[date]:
    """The days on which a span begins or ends, or one of its dates is passed."""
    edges = [day for span in held for day in (span.on_from, span.opens_on, span.due_on, span.closes_on) if day]
    return [day + timedelta(days=rng.choice((-1, 0, 1))) for day in rng.sample(edges, min(len(edges), 2))]


def disagreements(history: History, rng: random.Random) -> list[str]:
    wrong = []
    for on, known_at in questions(history, rng, 2):
        known = [fact for fact in history.facts if known_at is None or fact.recorded_at <= known_at]
        held = {requirement: spans(EDITION, known, requirement) for requirement in REQUIREMENTS}
        days = [on, *around_edges(held[rng.choice(REQUIREMENTS)], rng)]
        for day in days:
            rows = {row.requirement: row for row in assess(EDITION, history.facts, day, known_at).roll_ups}
            for requirement in REQUIREMENTS:
                span = covering(held[requirement], day)
                row = rows.get(requirement)
                said = answer(EDITION, stored(span), history.treatment, day) if span else None
                if said != row or (span and row and told_by_dates(span, day) != row.standing):
                    wrong.append(
                        f"{history.treatment} {requirement} on {day} known {known_at}: {said} instead of {row}"
                    )
    return wrong


def test_the_span_that_covers_a_date_answers_as_the_pure_function_does() -> None:
    assert [line for history in histories(50, seed=3) for line in disagreements(history, random.Random(1))] == []


def test_spans_follow_each_other_without_a_gap_and_the_last_is_for_ever() -> None:
    for history in histories(30, seed=4):
        for requirement in REQUIREMENTS:
            held = spans(EDITION, history.facts, requirement)
            assert [span.on_to for span in held[:-1]] == [span.on_from for span in held[1:]]
            assert not held or held[-1].on_to is None
