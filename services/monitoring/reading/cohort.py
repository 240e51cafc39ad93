"""The worklist over all treatments: list, total, export and page walk from one range query over the roll-up spans.

Source: docs/contract.md §3.2.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select, union, union_all

from services.monitoring.reading.answering import clocks, position_known_by, projected_through
from services.monitoring.reading.clocks import Clocks, Question, from_microseconds, microseconds
from services.monitoring.reading.cursor import Cursor, known_at_text, write_cursor
from services.monitoring.reading.filters import Filters, Key, after, conditions, order, sort_value
from services.monitoring.reading.library import Library
from services.monitoring.reading.moment import Moment, moment
from services.monitoring.reading.standing import standing_on
from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.spans import answer
from services.monitoring.store.spans import to_span
from services.monitoring.store.tables import roll_up_span, treatment

_span = roll_up_span.c
_KEPT: Final = 32  # statements of each kind; building one costs more than most stores take to answer it


class CohortPage(Struct, frozen=True):
    """`total` counts the whole filtered list, not this page."""

    clocks: Clocks
    obligations: tuple[RollUp, ...]
    total: int
    next_cursor: str | None


class Summary(Struct, frozen=True):
    """The same list counted: rows, distinct treatments, and rows by standing within requirement and site."""

    clocks: Clocks
    total: int
    treatments: int
    by_standing: dict[str, int]
    by_requirement: dict[str, dict[str, int]]
    by_site: dict[str, dict[str, int]]


def first_page(
    connection: Connection, library: Library, filters: Filters, question: Question, limit: int
) -> CohortPage:
    """Begins a list; one that is longer than `limit` is pinned to what is known now, and so are its other pages."""
    now = library.clock.now()
    at = moment(connection, question, now, None, of_few=bool(filters.treatment))
    rows = _rows(connection, filters, at, None, limit)
    if len(rows) <= limit:
        said = clocks(connection, library, question, at.instants)
        return CohortPage(said, tuple(_answer(library, row) for row in rows), len(rows), None)
    reached, in_order = projected_through(connection)
    ceiling = microseconds(now) if reached is None else reached
    pinned = moment(connection, question, now, ceiling)
    position = None
    if not in_order:
        # Partitions run at their own speed: what is newer than the slowest of them would move under the walk.
        at = pinned
        rows = _rows(connection, filters, at, None, limit)
        position = position_known_by(connection, ceiling)
    said = clocks(connection, library, question, pinned.instants, stream_position=position)
    cursor = Cursor(
        filters=filters,
        now=microseconds(now),
        ceiling=ceiling,
        edition_sha256=library.named(ceiling)[1],
        stream_position=said.stream_position,
        total=_total(connection, filters, at),
        last=Key(0, "", ""),
        on=question.on,
        known_at=known_at_text(question.known_at),
    )
    return _page(library, said, rows, cursor, limit)


def next_page(connection: Connection, library: Library, cursor: Cursor, limit: int) -> CohortPage:
    """Goes on with a walk, as if nothing had arrived since it began."""
    at = moment(connection, cursor.question, from_microseconds(cursor.now), cursor.ceiling)
    rows = _rows(connection, cursor.filters, at, cursor.last, limit)
    said = clocks(connection, library, cursor.question, at.instants, stream_position=cursor.stream_position)
    return _page(library, said, rows, cursor, limit)


def whole_list(
    connection: Connection, library: Library, filters: Filters, question: Question
) -> tuple[Clocks, Iterator[RollUp]]:
    """Every row of the filtered list, streamed, for an export; read it before the connection is given back."""
    at = moment(connection, question, library.clock.now(), None, of_few=bool(filters.treatment))
    rows = connection.execution_options(yield_per=1000).execute(_list(filters, at))
    return clocks(connection, library, question, at.instants), (_answer(library, row) for row in rows)


def summary(connection: Connection, library: Library, filters: Filters, question: Question) -> Summary:
    """Counts the list that the same filters give."""
    at = moment(connection, question, library.clock.now(), None, of_few=bool(filters.treatment))
    by_standing: Counter[str] = Counter()
    by_requirement: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_site: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for part in _groups(filters, at):
        for row in connection.execute(part):
            by_standing[row.standing] += row.rows
            by_requirement[row.requirement][row.standing] += row.rows
            by_site[row.site][row.standing] += row.rows
    return Summary(
        clocks(connection, library, question, at.instants),
        by_standing.total(),
        connection.execute(_people(filters, at)).scalar_one(),
        _sorted(by_standing),
        {requirement: _sorted(counts) for requirement, counts in sorted(by_requirement.items())},
        {site: _sorted(counts) for site, counts in sorted(by_site.items())},
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _found(filters: Filters, at: Moment, *columns: ColumnElement[Any]) -> list[Select[Any]]:
    """The list as one query for each of the ranges that may hold a row of it; no row is in two of them."""
    query = select(*columns).select_from(roll_up_span)
    if at.by_treatment:
        query = query.join(treatment, treatment.c.treatment == _span.treatment)
    asked = conditions(filters, at.sql.on, at.sql.last)
    return [query.where(one, *asked) for one in at.sql.ranges]


@lru_cache(_KEPT)
def _count(filters: Filters, at: Moment) -> Select[Any]:
    first, *others = (part.scalar_subquery() for part in _found(filters, at, func.count()))
    return select(sum(others, start=first))


@lru_cache(_KEPT)
def _people(filters: Filters, at: Moment) -> Select[Any]:
    return select(func.count()).select_from(union(*_found(filters, at, _span.treatment)).subquery())


@lru_cache(_KEPT)
def _groups(filters: Filters, at: Moment) -> list[Select[Any]]:
    groups = (_span.requirement, _span.site, standing_on(at.sql.on).label("standing"))
    return [part.group_by(*groups) for part in _found(filters, at, *groups, func.count().label("rows"))]


@lru_cache(_KEPT)
def _list(filters: Filters, at: Moment, last: Key | None = None, limit: int | None = None) -> Select[Any]:
    """The list from its beginning, or after `last`; rows are sorted by their keys alone, for they are wide."""
    on = at.sql.on
    sorted_by = sort_value(filters, on).label("sorted_by")
    named = (_span.treatment, _span.requirement, _span.known_from, _span.on_from, on.label("on"), sorted_by)
    parts = [part.where(after(filters, last, on)) for part in _found(filters, at, *named)]
    if limit is not None:
        # Each range gives no more than the page needs, and in the order of its index where it has that.
        firsts = (part.order_by(*order(filters, on)).limit(limit).subquery() for part in parts)
        parts = [select(first) for first in firsts]
    found = union_all(*parts).subquery()
    in_order = (found.c.sorted_by, found.c.treatment, found.c.requirement)
    keys = select(found).order_by(*in_order).limit(limit).subquery()
    rows = select(roll_up_span, keys.c.on, keys.c.sorted_by, treatment.c.protocol).join_from(
        keys,
        roll_up_span,
        and_(*(keys.c[name] == _span[name] for name in ("treatment", "requirement", "known_from", "on_from"))),
    )
    joined = rows.join(treatment, treatment.c.treatment == keys.c.treatment)
    return joined.order_by(keys.c.sorted_by, keys.c.treatment, keys.c.requirement)


def _rows(connection: Connection, filters: Filters, at: Moment, last: Key | None, limit: int) -> Sequence[Row[Any]]:
    """One row more than the page, if there is one."""
    return connection.execute(_list(filters, at, last, limit + 1)).all()


def _total(connection: Connection, filters: Filters, at: Moment) -> int:
    return int(connection.execute(_count(filters, at)).scalar_one())


def _page(library: Library, said: Clocks, rows: Sequence[Row[Any]], cursor: Cursor, limit: int) -> CohortPage:
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        end = shown[-1]
        following = write_cursor(replace(cursor, last=Key(end.sorted_by, end.treatment, end.requirement)))
    return CohortPage(said, tuple(_answer(library, row) for row in shown), cursor.total, following)


def _answer(library: Library, row: Row[Any]) -> RollUp:
    """By the edition that was in force when the row came to be believed: an activation ends all rows before it."""
    edition = library.editions.at(row.protocol, row.known_from)
    if edition is None:
        raise KeyError(row.protocol)
    return answer(edition, to_span(row), row.treatment, date.fromordinal(row.on))
