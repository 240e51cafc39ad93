"""Is it still the log that was read? Its last fact seen must stand where it stood; else an older log was restored.

The last fact seen moves only with a batch that was polled before a look which found the log unchanged. So whatever a
restored log goes on with, the fact that it lost stays noted until the log is read anew (`monitoring rebuild`).
"""

import logging
import time
from typing import Final

import msgspec

from services.monitoring.facts import micros
from services.monitoring.store.witness import Alarm, Seen, raise_alarm, seen
from services.monitoring.transport.feed import Feed
from services.monitoring.transport.seam import TransportError
from shared.clock import Clock
from shared.database import Database

EVERY: Final = 1.0  # seconds between two looks
_log = logging.getLogger(__name__)


class _Named(msgspec.Struct):
    fact_id: str


class Witness:
    """Asks the feed for the one fact that must still be there; what it finds is kept where every process sees it."""

    def __init__(self, database: Database, feed: Feed, clock: Clock) -> None:
        self._database = database
        self._feed = feed
        self._clock = clock
        self._next = 0.0
        self.alarm: Alarm | None = None

    def unchanged(self) -> bool:
        """True if the log was looked at just now and is the one that was read; False as well where nobody looked.

        A log that can't be reached is no other log: nothing is concluded from it.
        """
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + EVERY
        with self._database.read() as connection:
            last = seen(connection)
        if last is None:
            self.alarm = None
            return True
        try:
            page = self._feed.page(after=last.position - 1, limit=1)
        except TransportError:
            return False
        found = _verdict(last, page.head, [bytes(event) for event in page.events])
        if found != last.alarm:
            self._tell(last, found, page.head)
        self.alarm = found
        return found is None

    def _tell(self, last: Seen, found: Alarm | None, head: int) -> None:
        with self._database.write() as connection:
            raise_alarm(connection, found, head, micros(self._clock.now()))
        if found is None:
            _log.warning("The course log is again the one that was read.")
        else:
            _log.error("ALARM %s.", Seen(last.position, last.fact_id, found, head).sentence)


def _verdict(last: Seen, head: int, events: list[bytes]) -> Alarm | None:
    if head < last.position or not events:
        return "behind"
    return None if msgspec.json.decode(events[0], type=_Named).fact_id == last.fact_id else "fork"
