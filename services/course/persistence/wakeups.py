"""Readers that wait for the log to grow; woken outside the append transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Lock


class Wakeups:
    """Wakes everyone who waits, whichever event loop they wait in; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @asynccontextmanager
    async def bell(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the log grows; look at the log after entering, so that nothing is missed."""
        event = asyncio.Event()
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            with self._lock:
                del self._waiting[event]

    def ring(self) -> None:
        with self._lock:
            waiting = list(self._waiting.items())
        for event, loop in waiting:
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:  # the loop is closed: nobody waits any more
                continue
