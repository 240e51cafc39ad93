"""A wall clock for parts of the product that a test sets, runs backwards and lets jump while they are at work.

`odd` is patched into a part before its start (tests.chaos.zygote): from then on Python's `time` and the product's clock
tell what stands in the file that CHAOS_CLOCK names. The monotonic clock stays, as it does on a real machine.
"""

import os
import struct
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FILE = "CHAOS_CLOCK"
_SAYS = struct.Struct("<qqd")  # microseconds since 1970, those of the monotonic clock at which it was so, the rate
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Dial:
    """The side of the test."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self.path = path

    def set(self, at: datetime, rate: float = 1.0) -> None:
        """From now on it is `at`, and `rate` seconds pass in a second; negative: it runs backwards."""
        os.pwrite(self._file, _SAYS.pack((at - _EPOCH) // _MICROSECOND, time.monotonic_ns() // 1000, rate), 0)

    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=_told(self._file))

    def close(self) -> None:
        os.close(self._file)


def odd() -> None:
    """This process lives by the dial, and by the time zone of its environment."""
    from shared.clock import SystemClock

    time.tzset()
    file = os.open(os.environ[FILE], os.O_RDONLY)
    time.time = lambda: _told(file) / 1e6
    time.time_ns = lambda: _told(file) * 1000

    def now(self: SystemClock) -> datetime:
        return _EPOCH + timedelta(microseconds=_told(file))

    SystemClock.now = now  # type: ignore[method-assign] # that is what it is for


def naive() -> None:
    """A control: days are those of the server's own time zone, not of the clinic's."""
    from services.monitoring.rules import calendar

    right = calendar.local_day

    def naive_day(instant: datetime, _zone: object) -> Any:
        return instant.astimezone().date()

    for module in list(sys.modules.values()):
        if getattr(module, "local_day", None) is right:
            module.local_day = naive_day  # type: ignore[attr-defined] # it has one


def _told(file: int) -> int:
    at, since, rate = _SAYS.unpack(os.pread(file, _SAYS.size, 0))
    return int(at) + int((time.monotonic_ns() // 1000 - since) * rate)
