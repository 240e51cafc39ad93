"""Texts that mean something, read strictly: instants, dates, imprecise dates, time zones, ids.

Each reader raises NotReadable with what is wrong in words that follow a field's name ("must carry an offset").
Source: docs/contract.md §0.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

# Far enough from Python's first and last year that no conversion between zones can fall off the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 9998

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:[0-5]\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_IMPRECISE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class NotReadable(ValueError):
    """What is wrong with a text, in words that follow its field's name; never the text itself."""


def read_instant(text: str) -> datetime:
    """An RFC 3339 instant with seconds and offset, as an aware datetime with the offset it was written with."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise NotReadable("must be an instant like 2024-06-10T08:15:00-04:00")
    if match[1] is None:
        raise NotReadable("must carry seconds")
    if match[3] is None:
        raise NotReadable("must carry an offset")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise NotReadable("must be a real date and time of day") from None
    _check_year(instant.year)
    return instant


def read_day(text: str) -> date:
    """A calendar date `YYYY-MM-DD`."""
    if not _DAY.fullmatch(text):
        raise NotReadable("must be a date like 2024-06-10")
    return _real_day(text)


def first_possible_day(text: str) -> date:
    """The first day that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` may mean."""
    if not _IMPRECISE.fullmatch(text):
        raise NotReadable("must be a date like 2024-06-10, 2024-06 or 2024")
    return _real_day(text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text)


def read_zone(text: str) -> str:
    """The name of an IANA time zone."""
    if text not in _zones():
        raise NotReadable("must be an IANA time zone like America/New_York")
    return text


def read_uuid(text: str) -> UUID:
    """A UUID in its usual form of 36 characters."""
    if not _UUID.fullmatch(text):
        raise NotReadable("must be a UUID like 0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41")
    return UUID(text)


# What the `format` of a JSON Schema stands for.
FORMATS: dict[str, Callable[[str], object]] = {
    "date-time": read_instant,
    "date": read_day,
    "imprecise-date": first_possible_day,
    "iana-time-zone": read_zone,
    "uuid": read_uuid,
}


def write_instant(instant: datetime) -> str:
    """UTC with six decimals: 2024-06-10T13:02:11.532000Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _real_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotReadable("must be a real calendar date") from None
    _check_year(day.year)
    return day


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotReadable(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")


@cache
def _zones() -> frozenset[str]:
    # What a machine calls its own zone is no zone elsewhere.
    return frozenset(available_timezones()) - {"localtime", "Factory"}
