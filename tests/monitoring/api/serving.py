"""The monitoring application as clients meet it: in this process, or behind a real server on a free port."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from shared.serving import listen


class Asked:
    """Asks the application without a network, as if it were synchronous; a stream would never end here."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def __enter__(self) -> "Asked":
        async def start() -> None:
            self._lifespan = self._app.router.lifespan_context(self._app)
            await self._lifespan.__aenter__()
            transport = httpx.ASGITransport(self._app)
            self._client = httpx.AsyncClient(transport=transport, base_url="http://monitoring")

        self._runner.__enter__()
        self._runner.run(start())
        return self

    def __exit__(self, *failure: object) -> None:
        async def end() -> None:
            await self._client.aclose()
            await self._lifespan.__aexit__(None, None, None)

        self._runner.run(end())
        self._runner.__exit__(None, None, None)

    def get(self, address: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._runner.run(self._client.get(address, headers=named))

    def post(self, address: str, body: object) -> httpx.Response:
        return self._runner.run(self._client.post(address, json=body))

    def put(self, address: str, body: object) -> httpx.Response:
        return self._runner.run(self._client.put(address, json=body))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind uvicorn; gives its address."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield "http://{}:{}".format(*listening.getsockname())
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Waits for something to become true; fails after a while."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.02)


class Listening:
    """A client of the stream: reads frames one by one."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()

    def frame(self) -> dict[str, str]:
        """The next frame's fields; a comment is under ":"."""
        found: dict[str, str] = {}
        for line in self._lines:
            if not line:
                if found:
                    return found
                continue
            name, _, value = line.partition(": ") if not line.startswith(":") else (":", "", line[1:].strip())
            found[name] = value
        return found

    def event(self, *skipping: str) -> dict[str, str]:
        """The next event, leaving out comments, `retry` and those named."""
        while (frame := self.frame()) and ("event" not in frame or frame["event"] in skipping):
            pass
        return frame


@contextmanager
def listening(address: str, query: str = "", headers: dict[str, str] | None = None) -> Iterator[Listening]:
    with (
        httpx.Client(timeout=10) as asking,
        asking.stream("GET", f"{address}/v1/obligations/stream{query}", headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        yield Listening(response)


def deaf_socket(address: str, path: str) -> socket.socket:
    """A client that asks and then never reads."""
    host, _, port = address.removeprefix("http://").partition(":")
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect((host, int(port)))
    deaf.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return deaf
