"""The end of the announcement stream, read once for all listeners of this process.

A listener asks for what follows a number. What is recent comes from memory, what is older from the store, page by
page: a listener that lags costs no memory, and one that returns misses nothing.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from services.monitoring.reading.clocks import instant_text
from services.monitoring.reading.snapshot import snapshot
from services.monitoring.store.progress import StreamHead, known_through, stream_head
from services.monitoring.store.tables import announcement
from shared.database import Database

log = logging.getLogger(__name__)
PAGE: Final = 500
_KEPT_IN_MEMORY: Final = 5_000
_POLL: Final = 0.2  # seconds; another process may project what this one tells
_POLL_AFTER_FAILURE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Told:
    """One announcement as it goes out, and what listeners choose by."""

    n: int
    kind: str
    treatment: str
    requirement: str
    site: str
    payload: str


class Forgotten(Exception):
    """The announcements after that number are no longer kept."""


class Tail:
    """`name`, `head` and `known_through` as last read; `run` keeps them fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: deque[Told] = deque(maxlen=_KEPT_IN_MEMORY)
        self._news = asyncio.Event()
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.head = StreamHead("", 0)
        self.known_through: str | None = None
        self.listeners = 0
        self._stopping = False
        self.hanging_up = False

    async def start(self) -> None:
        """Begins at the present end; raises if the store can't be read."""
        self.head, _, self.known_through = await run_in_threadpool(self._read, StreamHead("", 0))

    async def run(self) -> None:
        """Until `stop`; not to be cancelled, for a thread may be reading."""
        while not self._stopping:
            wait = _POLL
            try:
                await self.refresh()
            except SQLAlchemyError:
                log.exception("the stream of announcements can't be read")
                wait = _POLL_AFTER_FAILURE
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            self._wake.clear()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def hang_up(self) -> None:
        """Every listener's stream ends, for it to come back to whoever serves next. From any thread, or a signal."""

        def tell() -> None:
            self.hanging_up = True
            self._news.set()

        self._loop.call_soon_threadsafe(tell)

    def wake(self) -> None:
        """Something was announced: look now. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._wake.set)

    async def refresh(self) -> None:
        """Reads what is new and tells the listeners."""
        while await self._read_page():
            pass

    async def _read_page(self) -> bool:
        """Whether there may be more."""
        head, told, self.known_through = await run_in_threadpool(self._read, self.head)
        if head == self.head:
            return False
        if told and self._recent and told[0].n == self._recent[-1].n + 1:
            self._recent.extend(told)
        else:
            self._recent = deque(told, maxlen=_KEPT_IN_MEMORY)
        self.head = StreamHead(head.name, told[-1].n) if told else head
        news, self._news = self._news, asyncio.Event()
        news.set()
        return self.head != head

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Counts a listener while it is connected."""
        self.listeners += 1
        try:
            yield
        finally:
            self.listeners -= 1

    async def after(self, n: int, timeout: float) -> list[Told]:
        """Up to a page of announcements that follow `n`; waits for the first, at most `timeout` seconds.

        Raises Forgotten. The caller checks `head.name` afterwards: a new name means that numbers began anew.
        """
        news = self._news
        if n >= self.head.n:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await news.wait()
        if n >= self.head.n:
            return []
        if self._recent and self._recent[0].n <= n + 1:
            start = n + 1 - self._recent[0].n
            return list(islice(self._recent, start, start + PAGE))
        return await run_in_threadpool(self.kept_after, self.head.name, n)

    def kept_after(self, name: str, n: int) -> list[Told]:
        """A page from the store; raises Forgotten if the next one is no longer there."""
        with snapshot(self._database) as connection:
            found = self._page(connection, name, n)
        if not found or found[0].n != n + 1:
            raise Forgotten
        return found

    def _read(self, known: StreamHead) -> tuple[StreamHead, list[Told], str | None]:
        with snapshot(self._database) as connection:
            head = stream_head(connection)
            through = known_through(connection)
            told = self._page(connection, head.name, known.n) if head.name == known.name and head.n > known.n else []
        return head, told, None if through is None else instant_text(through)

    def _page(self, connection: Connection, name: str, n: int) -> list[Told]:
        columns = announcement.c["n", "kind", "treatment", "requirement", "site", "payload"]
        query = select(*columns).where(announcement.c.stream == name, announcement.c.n > n)
        return [Told(*row) for row in connection.execute(query.order_by(announcement.c.n).limit(PAGE))]
