"""Is it still the log that was read? The last fact seen must stand where it stood; else an older log was restored.

The fact that is noted moves to a later one only when both stand in the log at the same look. So whatever a restored
log goes on with, the fact that it lost stays noted until the log is read anew (`monitoring rebuild`).
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec

from services.monitoring.facts import micros
from services.monitoring.store.announcements import lock_stream
from services.monitoring.store.witness import Alarm, Seen, last_projected, note, seen
from services.monitoring.transport.feed import Feed
from services.monitoring.transport.seam import Delivery, TransportError
from shared.clock import Clock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database

EVERY: Final = 1.0  # seconds between two looks
_log = logging.getLogger(__name__)


class _Named(msgspec.Struct):
    fact_id: str


class Witness:
    """Asks the feed for the facts that must still be there; what it finds is kept where every process sees it."""

    def __init__(self, database: Database, feed: Feed, clock: Clock) -> None:
        self._database = database
        self._feed = feed
        self._clock = clock
        self._next = 0.0
        self._newest: Seen | None = None
        self._started = False
        self.alarm: Alarm | None = None

    def look(self, polled: Sequence[Delivery] = ()) -> None:
        """Remembers the last fact of what was polled, and once a second looks into the log.

        A log that can't be reached is no other log: nothing is concluded from it.
        """
        for delivery in polled:
            item = delivery.content
            if isinstance(item, FeedItem) and (self._newest is None or item.position > self._newest.position):
                self._newest = Seen(item.position, item.fact_id)
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        try:
            self._compare()
        except TransportError:
            return

    def _compare(self) -> None:
        with self._database.read() as connection:
            noted = seen(connection)
            if not self._started and self._newest is None:
                # The process before this one may have ended between projecting a fact and noting it.
                self._newest = last_projected(connection)
        self._started = True
        if noted is not None:
            found = self._verdict(noted)
            self.alarm = found.alarm if found else None
            if self.alarm != noted.alarm:
                self._write(found or replace(noted, alarm=None, head=None, since=None), instead_of=noted)
            if self.alarm or noted.alarm:
                self._newest = None  # what was seen while the log was another one is no witness
                return
        if (newest := self._newest) is not None and (noted is None or newest.position > noted.position):
            found = self._verdict(newest)
            self.alarm = found.alarm if found else None
            if not self._write(found or newest, instead_of=noted):
                return  # it is noted at the next look, if it still is the newest
        self._newest = None

    def _verdict(self, last: Seen) -> Seen | None:
        """The fact with the alarm that it must raise, or None where it stands in the log as it was seen."""
        page = self._feed.page(after=last.position - 1, limit=1)
        now = micros(self._clock.now())
        if page.head < last.position or not page.events:
            return replace(last, alarm="behind", head=page.head, since=now)
        if msgspec.json.decode(bytes(page.events[0]), type=_Named).fact_id != last.fact_id:
            return replace(last, alarm="fork", head=page.head, since=now)
        return None

    def _write(self, last: Seen, instead_of: Seen | None) -> bool:
        """False if another process has noted something meanwhile: it may have seen more than this one."""
        with self._database.write() as connection:
            lock_stream(connection)
            if seen(connection) != instead_of:
                return False
            note(connection, last)
        if last.alarm is not None:
            _log.error("ALARM %s.", last.sentence)
        elif instead_of is not None and instead_of.alarm is not None:
            _log.warning("The course log is again the one that was read.")
        return True
