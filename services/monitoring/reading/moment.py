"""The two clocks of one question as SQL: which rectangle of each roll-up answers it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import Column, ColumnElement, Connection, and_, case, func, literal, select, true

from services.monitoring.reading.clocks import Question, today
from services.monitoring.store.blocks import DAYS, INSTANTS, blocks_around
from services.monitoring.store.tables import BELIEVED, BOUNDED, FOREVER, REFUTED, UNBOUNDED, roll_up_span, treatment

_span = roll_up_span.c


@dataclass(frozen=True, slots=True)
class Moment:
    """`on` is each row's day ordinal, `last` the last of these days.

    The one rectangle of a roll-up that answers at both clocks is in exactly one of `ranges`, each the range of one
    index. `instants` are the last microseconds that count, over all zones in which treatments were opened; none = all
    that is known counts. With several of them `ranges` ask for the treatment's opened_zone.
    """

    on: ColumnElement[int]
    last: int
    ranges: tuple[ColumnElement[bool], ...]
    instants: frozenset[int]

    @property
    def by_treatment(self) -> bool:
        return len(self.instants) > 1


def moment(
    connection: Connection, question: Question, now: datetime, ceiling: int | None, *, of_few: bool = False
) -> Moment:
    """`ceiling` (microseconds) leaves out whatever was recorded later; None = nothing.

    `of_few`: the question names its treatments, so their key is the one index to use.
    """
    newest = ceiling is None and question.known_at is None
    today_utc = now.date().toordinal()
    if question.on is not None:
        days = {"": question.on.toordinal()}
    else:
        days = {zone: today(now, zone).toordinal() for zone in _zones(connection, newest)}
    on = _by_zone(_span.zone, days, today_utc)
    some = {today_utc, *days.values()} if question.on is None else set(days.values())
    if newest:
        instant, instants = None, frozenset[int]()
    else:
        instant, instants = _instant(connection, question, FOREVER - 1 if ceiling is None else ceiling)
    if of_few:
        ranges: tuple[ColumnElement[bool], ...] = (and_(_known(instant), _covers(on)),)
    else:
        ranges = _ranges(on, some, instant, instants)
    return Moment(on, max(some), ranges, instants)


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


def _instant(connection: Connection, question: Question, ceiling: int) -> tuple[ColumnElement[int], frozenset[int]]:
    """The last microsecond that counts, of each row, and all that there are."""
    zones: Iterable[str] = ("UTC",)
    if isinstance(question.known_at, date) and not isinstance(question.known_at, datetime):
        zones = _distinct(connection, treatment.c.opened_zone) or zones
    by_zone = {zone: min(question.known_by(zone) or ceiling, ceiling) for zone in zones}
    return _by_zone(treatment.c.opened_zone, by_zone, ceiling), frozenset(by_zone.values())


def _by_zone(column: ColumnElement[str], values: Mapping[str, int], otherwise: int) -> ColumnElement[int]:
    """The value of each row's zone; a plain number where all zones agree, as they do for most of a day."""
    distinct = set(values.values())
    if len(distinct) <= 1:
        return literal(distinct.pop() if distinct else otherwise)
    return case(
        *(
            (column.in_([zone for zone, of_zone in values.items() if of_zone == value]), literal(value))
            for value in sorted(distinct - {otherwise})
        ),
        else_=literal(otherwise),
    )


def _zones(connection: Connection, newest: bool) -> Iterable[str]:
    """Every zone that a span may name: those of today, and in former beliefs any, for corrections replace them."""
    return _distinct(connection, treatment.c.zone) if newest else _every_zone()


@cache
def _every_zone() -> frozenset[str]:
    return frozenset(available_timezones())


def _distinct(connection: Connection, column: Column[str]) -> list[str]:
    """The values of an indexed column, from each to the next one: it costs what there are, not what rows there are."""
    found = select(func.min(column).label("value")).cte(recursive=True)
    following = select(func.min(column)).where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(following).where(found.c.value.is_not(None)))
    return list(connection.execute(select(found.c.value).where(found.c.value.is_not(None))).scalars())
