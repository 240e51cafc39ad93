"""The two clocks of every question: the date judged (`on`) and what was known (`known_at`).

Instants inside are microseconds since 1970 UTC, dates are `datetime.date`. Source: docs/contract.md §3.1,
clinical.md R1.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})")


class Clocks(Struct, frozen=True):
    """What an answer says of its clocks; `on` and `known_at` are None where each row has its own."""

    on: date | None
    known_at: str | None
    known_through: str | None
    edition: str
    edition_sha256: str
    profile: str
    stream_position: str


@dataclass(frozen=True, slots=True)
class Question:
    """`on` None = today in each treatment's zone; `known_at` a date = its end where the treatment was opened."""

    on: date | None = None
    known_at: datetime | date | None = None

    def known_by(self, opened_zone: str) -> int | None:
        """The last microsecond that counts for a treatment opened in this zone; None = all that is known."""
        if self.known_at is None:
            return None
        if isinstance(self.known_at, datetime):
            return microseconds(self.known_at)
        return end_of_day(self.known_at, opened_zone)


def microseconds(instant: datetime) -> int:
    """An aware instant as microseconds since 1970 UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds_: int) -> datetime:
    """The aware UTC instant."""
    return _EPOCH + timedelta(microseconds=microseconds_)


def instant_text(microseconds_: int) -> str:
    """UTC with six decimals, as every answer writes instants."""
    return from_microseconds(microseconds_).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def end_of_day(day: date, zone: str) -> int:
    """The last microsecond of a local day."""
    if day == date.max:
        return microseconds(datetime.max.replace(tzinfo=UTC))
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
    return (midnight - _EPOCH) // _MICROSECOND - 1


def today(now: datetime, zone: str) -> date:
    """The local date of an aware instant."""
    return now.astimezone(ZoneInfo(zone)).date()


def read_date(text: str) -> date:
    """`YYYY-MM-DD`; raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """RFC 3339 with seconds and offset, in UTC, cut to microseconds; raises ValueError."""
    parts = _INSTANT.fullmatch(text)
    if not parts:
        raise ValueError
    whole, fraction, offset = parts.groups()
    moment = datetime.fromisoformat(whole + (fraction or ".0")[:7].ljust(7, "0") + offset)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError from None


def read_known_at(text: str) -> datetime | date:
    """An instant, or a date; raises ValueError."""
    return read_date(text) if _DATE.fullmatch(text) else read_instant(text)
