"""Obligations explained, as tests ask for it: the explanation of one, and its parts as plain values."""

from datetime import date

from services.monitoring.rules.explaining.considered import Considered
from services.monitoring.rules.explaining.explanation import Explanation, explain
from services.monitoring.rules.treatment import Treatment
from tests.scenario import EDITION, Scenario


def found(t: Scenario, key: str, on: str, known: str | None = None) -> Explanation | None:
    at = t.known_at(known)
    facts = [fact for fact in t.facts if at is None or fact.recorded_at <= at]
    return explain(Treatment(EDITION, facts), f"{t.treatment}.{key}", date.fromisoformat(on))


def explained(t: Scenario, key: str, on: str, known: str | None = None) -> Explanation:
    explanation = found(t, key, on, known)
    assert explanation is not None
    return explanation


def pieces(explanation: Explanation) -> list[tuple[str, str, str, int, str]]:
    return [(str(one.occurred_on), one.verdict, one.place, one.days, one.why) for one in explanation.evidence]


def dates(explanation: Explanation) -> dict[str, str]:
    return {step.gives: str(step.result) for step in explanation.steps}


def only(explanation: Explanation) -> Considered:
    (one,) = explanation.evidence
    return one
