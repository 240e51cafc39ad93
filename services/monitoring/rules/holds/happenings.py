"""What was said of one illness, in the order in which it happened: suspected, confirmed, evaluated, excluded, over."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any, Literal

from msgspec import Struct

from services.monitoring.rules.holds.kinds import Cause
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionExcluded,
    ConditionResolved,
    ConditionSuspected,
    EvaluationCompleted,
    FindingRecorded,
    HoldLifted,
)
from shared.contracts.v1.facts import ReactionReported

What = Literal["suspected", "confirmed", "evaluated", "excluded", "resolved", "lifted"]
_RANK = {"suspected": 0, "confirmed": 1, "evaluated": 2, "excluded": 3, "resolved": 4, "lifted": 5}


class Happening(Struct, frozen=True):
    """`sign`: the sign that was taken for a suspicion; `cause`: what it was instead, where that was said."""

    what: What
    day: date
    instant: datetime | None
    version: int
    fact_id: str
    sign: str | None = None
    cause: str | None = None


def happenings(cause: Cause, names: frozenset[str], record: Record, on: date) -> list[Happening]:
    """`names` are those under which the hold itself may be lifted."""
    found = [*_suspicions(cause, record, on), *_statements(cause, record, on)]
    found.extend(_happening("lifted", said) for said in record.of(HoldLifted, on) if said.data.hold in names)
    return in_order(found)


def withdrawn_suspicions(cause: Cause, record: Record, on: date, *, confirmed_only: bool) -> list[Said[Any]]:
    """What would have opened a hold and was taken back whole."""
    found: list[Said[Any]] = [
        said for said in record.withdrawn(ConditionConfirmed, on) if said.data.condition in cause.conditions
    ]
    if not confirmed_only:
        found.extend(
            said
            for said in record.withdrawn(ConditionSuspected, on)
            if said.data.condition in cause.conditions or set(said.data.signs or ()) & set(cause.signs)
        )
        found.extend(said for said in record.withdrawn(ReactionReported, on) if set(said.data.signs) & set(cause.signs))
        found.extend(said for said in record.withdrawn(FindingRecorded, on) if said.data.finding in cause.signs)
    return sorted(found, key=lambda said: (said.first, said.version))


def in_order(found: list[Happening]) -> list[Happening]:
    """By day; within a day by time if all of it have one, else in the order in which an illness runs its course."""
    ordered: list[Happening] = []
    for _, day in groupby(sorted(found, key=lambda one: one.day), key=lambda one: one.day):
        together = list(day)
        timed = all(one.instant is not None for one in together)
        ordered.extend(
            sorted(
                together,
                key=lambda one: (one.instant.timestamp() if timed and one.instant else 0, _RANK[one.what], one.version),
            )
        )
    return ordered


def _suspicions(cause: Cause, record: Record, on: date) -> Iterator[Happening]:
    for suspicion in record.of(ConditionSuspected, on):
        if suspicion.data.condition in cause.conditions:
            yield _happening("suspected", suspicion)
        elif sign := _sign(cause, suspicion.data.signs or ()):
            yield _happening("suspected", suspicion, sign=sign)
    for reaction in record.of(ReactionReported, on):
        if sign := _sign(cause, reaction.data.signs):
            yield _happening("suspected", reaction, sign=sign)
    for finding in record.of(FindingRecorded, on):
        if sign := _sign(cause, (finding.data.finding,)):
            yield _happening("suspected", finding, sign=sign)


def _statements(cause: Cause, record: Record, on: date) -> Iterator[Happening]:
    for confirmed in record.of(ConditionConfirmed, on):
        if confirmed.data.condition in cause.conditions:
            yield _happening("confirmed", confirmed)
    for evaluated in record.of(EvaluationCompleted, on):
        if evaluated.data.condition in cause.conditions:
            yield _happening("evaluated", evaluated)
    for excluded in record.of(ConditionExcluded, on):
        if excluded.data.condition in cause.conditions:
            yield _happening("excluded", excluded, cause=excluded.data.cause)
    for resolved in record.of(ConditionResolved, on):
        if resolved.data.condition in cause.conditions:
            yield _happening("resolved", resolved)


def _sign(cause: Cause, signs: tuple[str, ...]) -> str | None:
    return next((sign for sign in signs if sign in cause.signs), None)


def _happening(what: What, said: Said[Any], sign: str | None = None, cause: str | None = None) -> Happening:
    return Happening(what, said.first, said.instant, said.version, said.fact_id, sign, cause)
