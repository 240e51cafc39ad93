"""The standing of a roll-up span on a date, in SQL: comparisons of stored dates, never a stored standing.

The same precedence as rules.spans.answer (clinical.md R18), so that a filter, a total and a row can't disagree;
tests/monitoring/api compares the two row by row.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, and_, case, literal, null, or_

from services.monitoring.store.tables import roll_up_span

_span = roll_up_span.c
_FIRST: Final = ("not_applicable", "cancelled", "suspended", "waived")
_MAY_END: Final = ("open", "declined", "complete")


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


def stands(standings: Iterable[str], on: ColumnElement[int], last: int) -> ColumnElement[bool]:
    """Whether the standing is one of these, said so that an index on state and due date can be used.

    `last` is the last of all days that `on` may be.
    """
    running = or_(_span.closes_on.is_(None), _span.closes_on >= on)
    met = or_(_span.due_on.is_(None), _span.due_on >= on)
    opened = and_(_span.opens_on.is_not(None), _span.opens_on <= on)
    closed = or_(_span.opens_on.is_(None), _span.opens_on > on)
    meant = {
        **{state: _span.state == state for state in _FIRST},
        **{state: and_(_span.state == state, running) for state in ("declined", "complete")},
        "ended": and_(_span.state.in_(_MAY_END), _span.closes_on < on),
        "overdue": and_(_span.state == "open", _span.due_on < last, _span.due_on < on, running),
        "due": and_(_span.state == "open", running, met, opened),
        "upcoming": and_(_span.state == "open", running, met, closed),
    }
    return or_(*(meant[standing] for standing in dict.fromkeys(standings)))


def due_on_on(on: ColumnElement[int]) -> ColumnElement[int]:
    """The due date that the row shows: what has ended has none."""
    return case((_span.closes_on < on, null()), else_=_span.due_on)


def days_overdue_on(on: ColumnElement[int]) -> ColumnElement[int]:
    """Days since the due date of what is overdue; a declined requirement keeps counting, all others are 0."""
    counting = standing_on(on).in_(("overdue", "declined"))
    return case((counting & (_span.due_on < on), on - _span.due_on), else_=literal(0))
