"""What is recorded and not yet projected: how many facts, and how long the oldest of them has waited."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.monitoring.facts import micros_of
from services.monitoring.transport.feed import Feed
from shared.texts import read_instant


class _Recorded(msgspec.Struct):
    recorded_at: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """`positions`: how many; `oldest`: when the first of them was recorded; `last`: when the log's last fact was."""

    positions: int = 0
    oldest: datetime | None = None
    last: datetime | None = None


class Backlog:
    """Asks the feed, whatever the transport is; it remembers where it was, so that a look costs a page or two."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._done = 0

    def look(self, through: int | None) -> Waiting:
        """`through`: everything recorded up to that instant (microseconds) is projected; raises TransportError."""
        end = self._feed.page(after=0, limit=1)
        if end.head == 0 or end.recorded_through is None:
            return Waiting()
        last = read_instant(end.recorded_through)
        if micros_of(end.recorded_through) <= (through or 0):
            self._done = end.head
            return Waiting(last=last)
        first = self._first_after(through or 0, end.head)
        self._done = first - 1
        return Waiting(end.head - first + 1, read_instant(self._recorded(first)), last)

    def _first_after(self, through: int, head: int) -> int:
        """The first position recorded after an instant; the head is known to be one."""
        low = min(self._done, head - 1)
        if low and micros_of(self._recorded(low)) > through:
            low = 0  # another log, or one that was restored
        high, step = head, 1
        while low + step < high:
            if micros_of(self._recorded(low + step)) > through:
                high = low + step
                break
            low, step = low + step, step * 2
        while high - low > 1:
            middle = (low + high) // 2
            if micros_of(self._recorded(middle)) > through:
                high = middle
            else:
                low = middle
        return high

    def _recorded(self, position: int) -> str:
        event = self._feed.page(after=position - 1, limit=1).events[0]
        return msgspec.json.decode(bytes(event), type=_Recorded).recorded_at
