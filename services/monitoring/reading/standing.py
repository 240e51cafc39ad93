"""The standing of a roll-up span on a date, in SQL: comparisons of stored dates, never a stored standing.

The same precedence as rules.spans.answer (clinical.md R18), so that a filter, a total and a row can't disagree;
tests/monitoring/api compares the two row by row.
"""

from sqlalchemy import ColumnElement, case, literal, null

from services.monitoring.store.tables import roll_up_span

_span = roll_up_span.c
_FIRST = ("not_applicable", "cancelled", "suspended", "waived")


def standing_on(on: ColumnElement[int]) -> ColumnElement[str]:
    """The roll-up standing; `on` is a day ordinal."""
    return case(
        (_span.state.in_(_FIRST), _span.state),
        (_span.closes_on < on, literal("ended")),
        (_span.state.in_(("declined", "complete")), _span.state),
        (_span.due_on < on, literal("overdue")),
        (_span.opens_on <= on, literal("due")),
        else_=literal("upcoming"),
    )


def due_on_on(on: ColumnElement[int]) -> ColumnElement[int]:
    """The due date that the row shows: what has ended has none."""
    return case((_span.closes_on < on, null()), else_=_span.due_on)


def days_overdue_on(on: ColumnElement[int]) -> ColumnElement[int]:
    """Days since the due date of what is overdue; a declined requirement keeps counting, all others are 0."""
    counting = standing_on(on).in_(("overdue", "declined"))
    return case((counting & (_span.due_on < on), on - _span.due_on), else_=literal(0))
