"""Calendar arithmetic of the clinic: months from an anchor, local dates, dates known only to the month or year."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=65536)
def add_months(day: date, months: int) -> date:
    """`day` moved by whole months, clamped back to the month's end (clinical.md §2.1: test earlier, never later)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_after(day: date) -> date:
    return day + ONE_DAY


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None when the tables know none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the clinic's wall; at the ends of the calendar, where no conversion exists, the date as written."""
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        return instant.date()


@lru_cache(maxsize=65536)
def possible_days(written: str) -> tuple[date, date]:
    """First and last day that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` can mean."""
    match [int(part) for part in written.split("-")]:
        case [year]:
            return date(year, 1, 1), date(year, 12, 31)
        case [year, month]:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        case [year, month, day]:
            return date(year, month, day), date(year, month, day)
        case _:
            raise ValueError("a date is written YYYY, YYYY-MM or YYYY-MM-DD")
