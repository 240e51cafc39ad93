"""Which rows of the cohort are asked for, in what order: said once for list, total, export and page walk."""

from collections.abc import Sequence
from typing import Literal, get_args

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, literal, or_, true

from services.monitoring.reading.standing import days_overdue_on, due_on_on, standing_on
from services.monitoring.rules.answers import RollUpStanding
from services.monitoring.store.tables import NO_DAY, roll_up_span

Sort = Literal["due_on", "-due_on", "site"]
STANDINGS: tuple[RollUpStanding, ...] = get_args(RollUpStanding)
SORTS: tuple[Sort, ...] = get_args(Sort)
_span = roll_up_span.c


class Filters(Struct, frozen=True, omit_defaults=True):
    """Empty = no limit, except that `not_applicable` appears only when asked for. `due_before` is a day ordinal."""

    standing: tuple[RollUpStanding, ...] = ()
    requirement: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()
    due_before: int | None = None
    min_days_overdue: int | None = None
    sort: Sort = "due_on"


class Key(Struct, frozen=True, array_like=True):
    """Where a page ended: the value sorted by, then the ties."""

    value: int | str
    treatment: str
    requirement: str


def conditions(filters: Filters, on: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """The filters as SQL; `on` is each row's day ordinal."""
    found: list[ColumnElement[bool]] = []
    if filters.standing:
        found.append(standing_on(on).in_(filters.standing))
    if "not_applicable" not in filters.standing:
        found.append(_span.state != "not_applicable")
    for column, wanted in (
        (_span.requirement, filters.requirement),
        (_span.site, filters.site),
        (_span.treatment, filters.treatment),
    ):
        if wanted:
            found.append(column.in_(wanted))
    if filters.due_before is not None:
        found.append(due_on_on(on) < filters.due_before)
    if filters.min_days_overdue is not None:
        found.append(days_overdue_on(on) >= filters.min_days_overdue)
    return found


def sort_value(sort: Sort, on: ColumnElement[int]) -> ColumnElement[int] | ColumnElement[str]:
    """The column sorted by, ascending; rows without a due date come last either way."""
    if sort == "site":
        return _span.site
    if sort == "-due_on":
        return func.coalesce(-due_on_on(on), literal(NO_DAY))
    return func.coalesce(due_on_on(on), literal(NO_DAY))


def order(sort: Sort, on: ColumnElement[int]) -> Sequence[ColumnElement[int] | ColumnElement[str]]:
    return (sort_value(sort, on), _span.treatment, _span.requirement)


def after(sort: Sort, key: Key | None, on: ColumnElement[int]) -> ColumnElement[bool]:
    """Only rows that come after `key`."""
    if key is None:
        return true()
    value = sort_value(sort, on)
    last = literal(key.value)
    ties = or_(
        _span.treatment > key.treatment,
        and_(_span.treatment == key.treatment, _span.requirement > key.requirement),
    )
    return or_(value > last, and_(value == last, ties))
