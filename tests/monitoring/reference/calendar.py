"""Dates: months that clamp to a month's end (clinical.md §2.1), and when a fact happened (R3, R7)."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.monitoring.rules.facts import Fact

DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class When:
    """First and last possible day; the instant if it is known."""

    first: date
    last: date
    instant: datetime | None


def when(fact: Fact, zone: str) -> When:
    """R3: in the fact's own zone, else the treatment's; a date without a time is taken as written."""
    if fact.occurred_at is not None:
        day = fact.occurred_at.astimezone(ZoneInfo(fact.zone or zone)).date()
        return When(day, day, fact.occurred_at)
    assert fact.occurred_on is not None
    year, month, day_of_month = ([int(part) for part in fact.occurred_on.split("-")] + [0, 0])[:3]
    if day_of_month:
        return When(date(year, month, day_of_month), date(year, month, day_of_month), None)
    if month:
        return When(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), None)
    return When(date(year, 1, 1), date(year, 12, 31), None)
