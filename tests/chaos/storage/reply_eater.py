"""A proxy before PostgreSQL that lets a COMMIT through, eats the reply, and cuts the connection.

It reads just enough of the server's messages (a letter, a length, a body) to know which reply is which.
"""

import asyncio
import random
import threading
from contextlib import suppress

from sqlalchemy import make_url

HUNGER = 0.3
LONGEST = 4
_COMMAND_COMPLETE, _READY = b"C", b"Z"


class ReplyEater:
    """Listens on a port of its own; `url` is the database behind it. `eaten` counts replies to a COMMIT that wrote.

    A share of such replies begins a spell in which further replies to a COMMIT are eaten, so that a try at once after
    the loss may lose its reply, too.
    """

    def __init__(self, url: str, seed: int) -> None:
        self._behind = make_url(url)
        self._draw = random.Random(seed)
        self._hunger = 0.0
        self._spell = 0
        self.eaten = 0
        self.in_a_row = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        port = self._server.sockets[0].getsockname()[1]
        plain = {"sslmode": "disable", "gssencmode": "disable"}
        return self._behind.set(port=port).update_query_dict(plain).render_as_string(hide_password=False)

    def eat(self) -> None:
        self._hunger = HUNGER

    def stop_eating(self) -> None:
        self._hunger, self._spell = 0.0, 0

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _hang_up(self) -> None:
        self._server.close()
        while self._open:
            for writer in self._open:
                writer.close()
            await asyncio.sleep(0.01)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await asyncio.open_connection(self._behind.host, self._behind.port)
        except OSError:
            to_client.close()
            return
        self._open |= {to_client, to_server}
        ways = [
            asyncio.ensure_future(_pass_on(client, to_server)),
            asyncio.ensure_future(self._read_replies(server, to_client)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for writer in (to_client, to_server):
                writer.close()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open -= {to_client, to_server}

    async def _read_replies(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Passes whole messages on until one is eaten or the connection ends."""
        wrote = False
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await server.readexactly(5)
                body = await server.readexactly(int.from_bytes(head[1:]) - 4)
                if head[:1] == _COMMAND_COMPLETE:
                    wrote = wrote or body.startswith(b"INSERT")
                    if body == b"COMMIT\0" and self._eats(wrote=wrote):
                        return
                elif head[:1] == _READY and body == b"I":
                    wrote = False
                to_client.write(head + body)
                await to_client.drain()

    def _eats(self, *, wrote: bool) -> bool:
        if self._spell:
            self._spell -= 1
            self.eaten += wrote
            self.in_a_row += 1
            return True
        if not wrote or self._draw.random() >= self._hunger:
            return False
        self._spell = self._draw.randrange(LONGEST)
        self.eaten += 1
        return True


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
