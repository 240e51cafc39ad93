"""The two clocks of one question as SQL: which rectangle of each roll-up answers it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, case, literal, select

from services.monitoring.reading.clocks import Question, today
from services.monitoring.store.tables import FOREVER, roll_up_span, treatment

_span = roll_up_span.c


@dataclass(frozen=True, slots=True)
class Moment:
    """`on` is each row's day ordinal; `covers` holds for the one rectangle that answers at both clocks.

    `instants` are the last microseconds that count, over all zones in which treatments were opened; none = all that
    is known counts. With several of them `covers` asks for the treatment's opened_zone.
    """

    on: ColumnElement[int]
    covers: ColumnElement[bool]
    instants: frozenset[int]

    @property
    def by_treatment(self) -> bool:
        return len(self.instants) > 1


def moment(
    connection: Connection, question: Question, now: datetime, ceiling: int | None, *, of_few: bool = False
) -> Moment:
    """`ceiling` (microseconds) leaves out whatever was recorded later; None = nothing.

    `of_few`: the question names its treatments, so their key is the index to use and that of known_to is hidden.
    """
    newest = ceiling is None and question.known_at is None
    today_utc = now.date().toordinal()
    if question.on is not None:
        days = {"": question.on.toordinal()}
    else:
        days = {zone: today(now, zone).toordinal() for zone in _zones(connection, newest)}
    on = _by_zone(_span.zone, days, today_utc)
    if newest:
        known, instants = (_span.known_to + 0 if of_few else _span.known_to) == FOREVER, frozenset[int]()
    else:
        known, instants = _known(connection, question, FOREVER - 1 if ceiling is None else ceiling)
    # What holds for each row's own day holds for the first of all days: a bound that an index can use.
    beyond = _span.on_to > min(days.values(), default=today_utc)
    return Moment(on, and_(known, beyond, _span.on_from <= on, on < _span.on_to), instants)


def _known(connection: Connection, question: Question, ceiling: int) -> tuple[ColumnElement[bool], frozenset[int]]:
    zones: Iterable[str] = ("UTC",)
    if isinstance(question.known_at, date) and not isinstance(question.known_at, datetime):
        zones = connection.execute(select(treatment.c.opened_zone).distinct()).scalars().all() or zones
    by_zone = {zone: min(question.known_by(zone) or ceiling, ceiling) for zone in zones}
    instant = _by_zone(treatment.c.opened_zone, by_zone, ceiling)
    return and_(_span.known_from <= instant, instant < _span.known_to), frozenset(by_zone.values())


def _by_zone(column: ColumnElement[str], values: Mapping[str, int], otherwise: int) -> ColumnElement[int]:
    """The value of each row's zone; a plain number where all zones agree, as they do for most of a day."""
    distinct = set(values.values())
    if len(distinct) <= 1:
        return literal(distinct.pop() if distinct else otherwise)
    return case(
        *(
            (column.in_([zone for zone, of_zone in values.items() if of_zone == value]), literal(value))
            for value in sorted(distinct)
        ),
        else_=literal(otherwise),
    )


def _zones(connection: Connection, newest: bool) -> set[str]:
    """Every zone that a span may name: those of today, and those that corrections have replaced."""
    zones = set(connection.execute(select(treatment.c.zone).distinct()).scalars())
    if not newest:
        zones.update(connection.execute(select(_span.zone).distinct()).scalars())
    return zones
