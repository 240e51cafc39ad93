"""The use cases of the course service: open a treatment, record facts, re-drive, read back, feed."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TypeVar
from uuid import UUID

from msgspec import Struct, structs
from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection

from services.course.domain.moments import instant
from services.course.domain.outcome import Opened, Outcome
from services.course.domain.submission import Identifier, Opening, Submission
from services.course.persistence import directory, event_log, quarantine
from services.course.persistence.appender import Appender, RecordingFailed, StoreUnavailable
from services.course.persistence.codec import Codec, PlainCodec
from services.course.persistence.directory import Named
from services.course.persistence.facts import LogEntry, entry, written
from services.course.persistence.measures import measures
from services.course.persistence.quarantine import QuarantineItem
from services.course.persistence.recording import Recording
from services.course.persistence.wakeups import Wakeups
from shared.clock import Clock, ManualClock
from shared.contracts.v1.feed import FeedItem, FeedPage
from shared.database import UNAVAILABLE, Database, open_database
from shared.news import Telling

__all__ = ["Head", "Ledger", "LogEntry", "Named", "QuarantineItem", "RecordingFailed", "StoreUnavailable"]

Found = TypeVar("Found")

BULK = 500
"""Facts of one request that share a transaction; the rest of it follows in the next ones."""
PROMISE_EVERY = 1.0
"""Seconds for which a promise about a quiet log is good enough; each costs a transaction."""
GLANCE = 0.5
"""Seconds between two looks at a log that other processes write too."""
NEWS = "coursewatch_log"
"""The channel on which these processes tell each other that the log has grown."""
# A process that stops while it holds the append lock must not stop the others for long.
_POSTGRESQL = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "20s"}


class Head(Struct, frozen=True):
    """The end of the log; 0 and None while it is empty."""

    position: int
    recorded_at: datetime | None


class Ledger:
    """The one way into and out of the log; every method may raise StoreUnavailable."""

    def __init__(
        self, database: Database, clock: Clock, codec: Codec, told: Callable[[Sequence[Outcome | Opened]], None]
    ) -> None:
        self._database = database
        self._told = told
        self._codec = codec
        self._recording = Recording(clock, codec)
        self._wakeups = Wakeups()
        self._closed = False
        # A clock that is set by hand may be set to any instant after the last fact: nothing is promised beyond that.
        self._promises = not isinstance(clock, ManualClock)
        self._promised = event_log.LogEnd(0, 0)
        self._promised_at = 0.0
        self._news = Telling(database.reader.url.render_as_string(hide_password=False), NEWS)
        self._appender = Appender(database, self._recording, self._appended)

    @classmethod
    def open(
        cls,
        url: str,
        clock: Clock,
        codec: Codec | None = None,
        told: Callable[[Sequence[Outcome | Opened]], None] = lambda _: None,
    ) -> "Ledger":
        """Migrates and checks the store (one sentence in shared.database.DatabaseError), starts the appender.

        `told` gets every answer that a sender gets.
        """
        return cls(open_database(url, "course", settings=_POSTGRESQL), clock, codec or PlainCodec(), told)

    def look(self) -> None:
        """Readers that wait look at the log now: another process has written."""
        self._wakeups.ring()

    def _appended(self) -> None:
        self._wakeups.ring()
        self._news.tell()

    def hang_up(self) -> None:
        """Readers that wait for the log to grow get their answer now."""
        self._closed = True
        self._wakeups.ring()

    def close(self) -> None:
        """Finishes what was handed in, stops the appender, closes the store; waiting readers return."""
        self._closed = True
        self._appender.close()
        self._news.close()
        self._wakeups.ring()
        self._database.close()

    async def open_treatment(self, opening: Opening) -> Opened:
        """Opens it, or answers with the one that stands; quarantined facts of the identifier are re-driven with it."""
        opened = await self._appender.run(partial(self._recording.open, opening=opening))
        self._told([opened])
        return opened

    async def record(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """One outcome each, in order; they are committed when this returns. One item never fails another."""
        parts = [submissions[start : start + BULK] for start in range(0, len(submissions), BULK)]
        outcomes: list[Outcome] = []
        for part in parts:
            answered = await self._appender.record(part)
            self._told(answered)
            outcomes += answered
        return outcomes

    async def redrive(self, quarantine_id: UUID) -> Outcome | None:
        """The answer the quarantined message would get now; None if there is no such message."""
        outcome = await self._appender.run(partial(self._recording.redrive, quarantine_id=quarantine_id))
        self._told([] if outcome is None else [outcome])
        return outcome

    async def lookup(self, identifier: Identifier) -> list[UUID]:
        """Treatments of an identifier, on whatever protocol, oldest first."""
        found = await self._read(lambda connection: directory.treatments_of(connection, [identifier]))
        return found.get(identifier, [])

    async def labels(self, treatments: Sequence[UUID]) -> dict[UUID, Named]:
        """What the directory knows of these; unknown ones are left out."""
        return await self._read(lambda connection: directory.named(connection, treatments))

    async def events(self, treatment: UUID, after_version: int, limit: int) -> list[FeedItem] | None:
        """A treatment's facts by version; None for a treatment nobody opened."""

        def read(connection: Connection) -> list[FeedItem] | None:
            rows = event_log.rows_of(connection, treatment, after_version, limit)
            if not rows and event_log.row_of(connection, treatment, 1) is None:
                return None
            return [entry(row, self._codec).item for row in rows]

        return await self._read(read)

    async def event(self, treatment: UUID, version: int) -> FeedItem | None:
        """One fact of a treatment; None if there is none such."""
        row = await self._read(lambda connection: event_log.row_of(connection, treatment, version))
        return None if row is None else entry(row, self._codec).item

    async def feed(
        self, after: int, limit: int, wait: float = 0.0, treatment: UUID | None = None, after_version: int = 0
    ) -> FeedPage:
        """Facts after a position, or of one treatment after a version; holds an empty answer up to `wait` seconds."""
        look = partial(self._page, after=after, limit=limit, treatment=treatment, after_version=after_version)
        until = asyncio.get_running_loop().time() + wait
        async with self._wakeups.bell() as bell:
            while True:
                bell.clear()
                page = await self._read(look)
                left = until - asyncio.get_running_loop().time()
                if page.events:
                    return page
                if left <= 0:
                    if treatment is not None or after < page.head or not await self._still_ends_at(page.head):
                        return page
                    return structs.replace(page, recorded_through=written(self._promised.recorded_at))
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, GLANCE)):
                        await bell.wait()
                if self._closed:
                    return page

    async def _still_ends_at(self, position: int) -> bool:
        """Whether nothing was recorded since; then it is promised that nothing will be before the present instant."""
        if not self._promises or not position:
            return False
        now = monotonic()
        if self._promised.position != position or now - self._promised_at >= PROMISE_EVERY:
            self._promised = await self._appender.run(self._recording.promise)
            self._promised_at = now
        return self._promised.position == position

    def _page(
        self, connection: Connection, after: int, limit: int, treatment: UUID | None, after_version: int
    ) -> FeedPage:
        # The end first: what is recorded meanwhile may be in the page, but must not be promised beyond it.
        end = event_log.log_end(connection)
        if treatment is None:
            rows = event_log.rows_after(connection, after, limit)
        else:
            rows = event_log.rows_of(connection, treatment, after_version, limit)
            rows = [row for row in rows if row.position > after]
        last = rows[-1] if rows else None
        if last is not None and last.position > end.position:
            end = event_log.LogEnd(last.position, last.recorded_at)
        return FeedPage(
            events=[entry(row, self._codec).item for row in rows],
            next_after=last.position if last is not None else after,
            head=end.position,
            recorded_through=written(end.recorded_at) if end.position else None,
        )

    async def log(self, after: int, limit: int) -> list[LogEntry]:
        """The log after a position, with what only the relay needs."""
        rows = await self._read(lambda connection: event_log.rows_after(connection, after, limit))
        return [entry(row, self._codec) for row in rows]

    async def quarantined(
        self, reason: str | None = None, sender: str | None = None, after: int = 0, limit: int = 100
    ) -> list[QuarantineItem]:
        """The quarantine, oldest first, resolved messages included."""
        return await self._read(lambda connection: quarantine.page(connection, reason, sender, after, limit))

    async def head(self) -> Head:
        """The end of the log."""
        end = await self._read(event_log.log_end)
        return Head(end.position, instant(end.recorded_at) if end.position else None)

    @property
    def takes_facts(self) -> bool:
        """False from a transaction that the store refused until one that it took."""
        return not self._appender.failing

    async def will_take_facts(self) -> bool:
        """Whether the store takes facts; where it refused the last transaction it is asked again, with one of ours."""
        if not self.takes_facts:
            with suppress(StoreUnavailable):
                await self._appender.run(self._recording.nothing)
        return self.takes_facts

    async def measures(self) -> list[Metric]:
        """What the store knows of its state, for /metrics."""
        return await self._read(measures)

    async def _read(self, query: Callable[[Connection], Found]) -> Found:
        return await asyncio.to_thread(self._read_now, query)

    def _read_now(self, query: Callable[[Connection], Found]) -> Found:
        try:
            with self._database.read() as connection:
                return query(connection)
        except UNAVAILABLE as error:
            raise StoreUnavailable from error
