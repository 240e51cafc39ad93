"""The two clocks of every question: the date judged (`on`) and what was known (`known_at`).

Instants inside are microseconds since 1970 UTC, dates are `datetime.date`. Source: docs/contract.md §3.1,
clinical.md R1.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from services.monitoring.rules.calendar import local_day, zone_named
from shared.texts import read_day, read_instant, write_instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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
    return write_instant(from_microseconds(microseconds_))


def end_of_day(day: date, zone: str) -> int:
    """The last microsecond of a local day."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, _zone(zone))
    return microseconds(midnight) - 1


def today(now: datetime, zone: str) -> date:
    """The local date of an aware instant."""
    return local_day(now, _zone(zone))


def _zone(name: str) -> ZoneInfo:
    """A zone that the tables don't know is read as UTC, as the rules do."""
    return zone_named(name) or ZoneInfo("UTC")


def read_known_at(text: str) -> datetime | date:
    """An instant, or a date; raises NotReadable."""
    return read_day(text) if len(text) <= len("2024-06-10") else read_instant(text)
