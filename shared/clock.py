"""The two clocks a service may run on: the machine's own, and one that tests move by hand."""

from datetime import UTC, datetime
from threading import Lock
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Tells the present as an aware UTC instant."""

    def now(self) -> datetime: ...


class ClockBackwards(Exception):
    """Raised when a manual clock is asked to step back; it only moves forward."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is set; it never moves backwards."""

    def __init__(self, now: datetime = EPOCH) -> None:
        self._lock = Lock()
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> datetime:
        """Moves to `now` (aware) and returns it in UTC; raises ClockBackwards for an earlier instant."""
        utc = now.astimezone(UTC)
        with self._lock:
            if utc < self._now:
                raise ClockBackwards
            self._now = utc
            return utc
