"""Dates, numbers and counts as a nurse reads them: "6 May", "Fri 15 May", "36 days", "184,220".

A number and its unit never part (U+00A0). This year's dates leave the year out. Source: docs of the screens, §4.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ISO = re.compile(r"\b[12]\d{3}-[01]\d-[0-3]\d\b")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def full_day(day: date) -> str:
    """ "6 May 2026"."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}{NBSP}{day.year}"


def short_day(day: date, today: date) -> str:
    """ "6 May", with the year where it is not this one."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}" if day.year == today.year else full_day(day)


def long_day(day: date) -> str:
    """ "6 March 2023", for what is read aloud."""
    return f"{day.day}{NBSP}{_LONG_MONTHS[day.month - 1]}{NBSP}{day.year}"


def weekday(day: date, today: date) -> str:
    """ "Fri 15 May", for days on which someone plans."""
    return f"{_WEEKDAYS[day.weekday()]}{NBSP}{short_day(day, today)}"


def full_weekday(day: date) -> str:
    """ "Sun 3 May 2026"."""
    return f"{_WEEKDAYS[day.weekday()]}{NBSP}{full_day(day)}"


def month(day: date) -> str:
    """ "Mar 2024"."""
    return f"{_MONTHS[day.month - 1]}{NBSP}{day.year}"


def month_name(day: date) -> str:
    """ "Mar"."""
    return _MONTHS[day.month - 1]


def in_days(text: str) -> str:
    """A sentence with its dates as a page says them: "2024-05-06" is "6 May 2024"."""
    return _ISO.sub(lambda found: _day_or_text(found[0]), text)


def _day_or_text(text: str) -> str:
    try:
        return full_day(date.fromisoformat(text))
    except ValueError:  # shaped like a date, and none
        return text


def span(first: date, last: date, today: date) -> str:
    """ "29 Apr – 29 May"."""
    return f"{short_day(first, today)} – {short_day(last, today)}"


def moment(instant: datetime, zone: str, *, seconds: bool = False) -> str:
    """ "6 May 2026, 14:02", local to the zone; seconds only where they prove something."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{full_day(local.date())}, {local:%H:%M:%S}" if seconds else f"{full_day(local.date())}, {local:%H:%M}"


def number(value: int) -> str:
    """ "184,220"."""
    return f"{value:,}"


def amount(value: float) -> str:
    """ "12" or "7.5": no more digits than needed."""
    return f"{value:g}"


def count(value: int, one: str, many: str | None = None) -> str:
    """ "1 day", "36 days"."""
    return f"{number(value)}{NBSP}{one if value == 1 else many or one + 's'}"


def spelled(value: int) -> str:
    """ "five" up to ten, then figures."""
    return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else number(value)


def listing(words: Sequence[str]) -> str:
    """ "platelets, leukocytes and hemoglobin"."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def first_upper(text: str) -> str:
    """The first letter large, the rest as it is ("CBC" stays "CBC")."""
    return text[:1].upper() + text[1:]


def first_lower(text: str) -> str:
    """The first letter small where a sentence runs on; "CBC", "TSH" and "HPV screen" stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def age(seconds: int) -> str:
    """ "1 min", "6 h", "27 d": one unit, rounded down; less than a minute is "at once"."""
    if seconds < 60:
        return "at once"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size}{NBSP}{unit}"
    raise AssertionError


def short_id(treatment: str) -> str:
    """The end of an opaque id, for a patient whose label is not known."""
    return treatment[-6:]
