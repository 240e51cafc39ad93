"""Instants as the log counts them, in microseconds since 1970 UTC, and the ids that are made of them."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from shared.texts import first_possible_day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000  # microseconds


def micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    return (instant - EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """The aware UTC instant of a count of microseconds."""
    return EPOCH + timedelta(microseconds=count)


def day_begins(day: str) -> int:
    """The first microsecond, in UTC, of the first day that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` may mean."""
    return micros(datetime.combine(first_possible_day(day), time(), UTC))


def uuid7(count: int, random: int) -> UUID:
    """A UUIDv7 that sorts by its microsecond (RFC 9562 §6.2, method 3); `random` fills the other 62 bits."""
    millisecond, rest = divmod(count, 1000)
    fraction = (rest << 12) // 1000
    bits = (millisecond & (1 << 48) - 1) << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random & (1 << 62) - 1
    return UUID(int=bits)
