"""The two clocks of one question as SQL: which rectangle of each roll-up answers it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, case, func, literal, select, true

from services.monitoring.reading.clocks import Question, today
from services.monitoring.store.blocks import DAYS, INSTANTS, blocks_around
from services.monitoring.store.tables import BELIEVED, BOUNDED, FOREVER, REFUTED, UNBOUNDED, roll_up_span, treatment

_span = roll_up_span.c
_Values = tuple[tuple[str, int], ...]
_KEPT: Final = 64  # moments whose SQL is kept: a dashboard asks of the same ones again and again


@dataclass(frozen=True, slots=True)
class Moment:
    """When is asked about, in numbers: `days` (ordinals) and the last microseconds that count, each zone by zone.

    What is not in `days` has the day `otherwise`. No `instants_by_zone` = all that is known counts. `of_few`: the
    question names its treatments, so their key is the one index to use.
    """

    days: _Values
    otherwise: int
    instants_by_zone: _Values
    of_few: bool

    @property
    def instants(self) -> frozenset[int]:
        """The last microseconds that count, over all zones in which treatments were opened."""
        return frozenset(instant for _, instant in self.instants_by_zone)

    @property
    def by_treatment(self) -> bool:
        """Whether the SQL asks for the treatment's opened_zone."""
        return len(self.instants) > 1

    @property
    def sql(self) -> "Ranges":
        return _sql(self)


@dataclass(frozen=True, slots=True)
class Ranges:
    """`on` is each row's day ordinal, `last` the last of these days.

    The one rectangle of a roll-up that answers at both clocks is in exactly one of `ranges`, each the range of one
    index.
    """

    on: ColumnElement[int]
    last: int
    ranges: tuple[ColumnElement[bool], ...]


def moment(
    connection: Connection, question: Question, now: datetime, ceiling: int | None, *, of_few: bool = False
) -> Moment:
    """`ceiling` (microseconds) leaves out whatever was recorded later; None = nothing."""
    newest = ceiling is None and question.known_at is None
    otherwise = now.date().toordinal() if question.on is None else question.on.toordinal()
    days = {}
    if question.on is None:
        days = {zone: today(now, zone).toordinal() for zone in sorted(_zones(connection, newest))}
        if len(set(days.values())) == 1:  # as for most of a day
            days, otherwise = {}, next(iter(days.values()))
    instants: Mapping[str, int] = {}
    if not newest:
        instants = _instants(connection, question, FOREVER - 1 if ceiling is None else ceiling)
    return Moment(tuple(days.items()), otherwise, tuple(instants.items()), of_few)


@lru_cache(_KEPT)
def _sql(at: Moment) -> Ranges:
    on = _by_zone(_span.zone, at.days, at.otherwise)
    days = {at.otherwise, *(day for _, day in at.days)}
    instant = None
    if at.instants_by_zone:
        instant = _by_zone(treatment.c.opened_zone, at.instants_by_zone, at.instants_by_zone[0][1])
    if at.of_few:
        return Ranges(on, max(days), (and_(_known(instant), _covers(on)),))
    return Ranges(on, max(days), _ranges(on, days, instant, at.instants))


def _covers(on: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(_span.on_from <= on, on < _span.on_to)


def _known(instant: ColumnElement[int] | None) -> ColumnElement[bool]:
    return BELIEVED if instant is None else and_(_span.known_from <= instant, instant < _span.known_to)


def _ranges(
    on: ColumnElement[int], days: set[int], instant: ColumnElement[int] | None, instants: frozenset[int]
) -> tuple[ColumnElement[bool], ...]:
    """What is believed and has no last day, what is believed of days, and what was believed once."""
    covers = _covers(on)
    of_days = _span.block.in_(_around(days, DAYS))
    already = true() if instant is None else _span.known_from <= instant
    now = and_(BELIEVED, UNBOUNDED, _span.on_from <= on, already)
    of_some_days = and_(BELIEVED, BOUNDED, of_days, _span.on_to > min(days), covers, already)
    if instant is None:
        return now, of_some_days
    of_instants = _span.block.in_(_around(instants, INSTANTS))
    once = and_(REFUTED, of_instants, _span.known_to > min(instants), instant < _span.known_to, already, covers)
    return now, of_some_days, once


def _around(points: Iterable[int], widest: int) -> list[int]:
    return sorted({block for point in points for block in blocks_around(point, widest)})


def _instants(connection: Connection, question: Question, ceiling: int) -> Mapping[str, int]:
    """The last microsecond that counts, by the zone in which a treatment was opened."""
    zones: Iterable[str] = ("UTC",)
    if isinstance(question.known_at, date) and not isinstance(question.known_at, datetime):
        zones = _distinct(connection, treatment.c.opened_zone) or zones
    return {zone: min(question.known_by(zone) or ceiling, ceiling) for zone in zones}


def _by_zone(column: ColumnElement[str], values: _Values, otherwise: int) -> ColumnElement[int]:
    """The value of each row's zone; a plain number where all zones agree."""
    others = sorted({value for _, value in values} - {otherwise})
    if not others:
        return literal(otherwise)
    cases = ((column.in_([zone for zone, its in values if its == value]), literal(value)) for value in others)
    return case(*cases, else_=literal(otherwise))


def _zones(connection: Connection, newest: bool) -> Iterable[str]:
    """Every zone that a span may name: those of today, and in former beliefs any, for corrections replace them."""
    return _distinct(connection, treatment.c.zone) if newest else _every_zone()


@cache
def _every_zone() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _distinct_values(column: Column[str]) -> Select[Any]:
    found = select(func.min(column).label("value")).cte(recursive=True)
    following = select(func.min(column)).where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))


def _distinct(connection: Connection, column: Column[str]) -> list[str]:
    """The values of an indexed column, from each to the next one: it costs what there are, not what rows there are."""
    return list(connection.execute(_distinct_values(column)).scalars())
