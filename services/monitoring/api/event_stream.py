"""A `text/event-stream` answer that ends when the listener goes, and drops one that no longer takes what it is sent."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

log = logging.getLogger(__name__)
STALL: Final = 30.0  # seconds that one send may take; the server's own buffer holds 64 KiB


class EventStream(Response):
    """Sends frames one by one and waits for each: what a slow listener has not taken is never piled up here.

    A dropped listener connects again with the last id it has seen and misses nothing.
    """

    media_type = "text/event-stream"

    def __init__(
        self, frames: AsyncGenerator[bytes], connected: AbstractContextManager[None], stall: float = STALL
    ) -> None:
        self._frames = frames
        self._connected = connected
        self._stall = stall
        self.status_code = 200
        self.background = None
        self.body = b""
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's signature
        with self._connected:
            sending = asyncio.ensure_future(self._send_all(send))
            gone = asyncio.ensure_future(_gone(receive))
            try:
                await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, gone):
                    task.cancel()
                ended = await asyncio.gather(sending, gone, return_exceptions=True)
                await self._frames.aclose()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for frame in self._frames:
                async with asyncio.timeout(self._stall):
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.warning("a listener of the stream took nothing for %d s and was dropped", self._stall)
            return
        except OSError:
            return  # the connection is gone


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
