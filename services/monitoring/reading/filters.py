"""Which rows of the cohort are asked for, in what order: said once for list, total, export and page walk."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, literal, or_, true

from services.monitoring.reading.standing import days_overdue_on, due_on_on, stands
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


def conditions(filters: Filters, on: ColumnElement[int], last: int) -> list[ColumnElement[bool]]:
    """The filters as SQL; `on` is each row's day ordinal, `last` the last of all these."""
    found: list[ColumnElement[bool]] = []
    if filters.standing:
        found.append(stands(filters.standing, on, last))
    else:
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


def sort_value(filters: Filters, on: ColumnElement[int]) -> ColumnElement[Any]:
    """The value sorted by, ascending; rows without a due date come last either way."""
    if filters.sort == "site":
        return _span.site
    # What is overdue has a due date, which is then the very column that an index has.
    due_on = _span.due_on if _all_overdue(filters) else due_on_on(on)
    value = due_on if filters.sort == "due_on" else -due_on
    return value if _all_overdue(filters) else func.coalesce(value, literal(NO_DAY))


def order(filters: Filters, on: ColumnElement[int]) -> Sequence[ColumnElement[Any]]:
    first = sort_value(filters, on)
    if filters.sort == "-due_on" and _all_overdue(filters):
        first = _span.due_on.desc()
    return (first, _span.treatment, _span.requirement)


def after(filters: Filters, key: Key | None, on: ColumnElement[int]) -> ColumnElement[bool]:
    """Only rows that come after `key`."""
    if key is None:
        return true()
    value = sort_value(filters, on)
    last = literal(key.value)
    ties = or_(
        _span.treatment > key.treatment,
        and_(_span.treatment == key.treatment, _span.requirement > key.requirement),
    )
    later = or_(value > last, and_(value == last, ties))
    if not _all_overdue(filters) or not isinstance(key.value, int):
        return later
    # Said once more, so that an index is entered where the page before ended.
    return and_(_span.due_on >= key.value if filters.sort == "due_on" else _span.due_on <= -key.value, later)


def _all_overdue(filters: Filters) -> bool:
    return set(filters.standing) == {"overdue"}
