"""A word from one process to others over PostgreSQL: look now, there is something new.

It is a hint and never the thing itself: whoever listens also looks from time to time, so a word that is lost costs
time and nothing else. It is said outside the transaction that has brought the news, which would else wait for it.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Final, Self

import psycopg
from sqlalchemy import Connection, Engine, NullPool, create_engine, exc, make_url, text

from shared.database import cause, reached_over_a_network

PAUSE: Final = 0.01  # seconds between two words; what happens meanwhile is told by one
_AGAIN: Final = 1.0  # seconds before a broken connection is tried again
_LOOK_UP: Final = 0.5  # seconds; how long an end may take
_BROKEN = (exc.DBAPIError, psycopg.Error)
_log = logging.getLogger(__name__)


class Telling:
    """Says a word on a channel, from a thread of its own; on SQLite, where one process has the file, nothing."""

    def __init__(self, url: str, channel: str) -> None:
        self._channel = channel
        self._new = threading.Event()
        self._over = threading.Event()
        self._thread = _begun(self._run, _engine(url), f"tells {channel}")

    def tell(self) -> None:
        """From any thread; returns at once."""
        self._new.set()

    def close(self) -> None:
        self._over.set()
        self._new.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, engine: Engine) -> None:
        while self._new.wait() and not self._over.is_set():
            try:
                with engine.connect() as connection:
                    self._tell_on(connection)
            except _BROKEN as error:
                _log.warning("Others can't be told of news (%s); they look by themselves.", cause(error))
                self._new.set()
                self._over.wait(_AGAIN)

    def _tell_on(self, connection: Connection) -> None:
        while self._new.wait() and not self._over.is_set():
            self._new.clear()
            connection.execute(text(f"notify {self._channel}"))
            self._over.wait(PAUSE)


class Listening:
    """Calls `heard`, from a thread of its own, for every word on a channel, and once whenever it begins to listen."""

    def __init__(self, url: str, channel: str, heard: Callable[[], None]) -> None:
        self._channel = channel
        self._heard = heard
        self._over = threading.Event()
        self._thread = _begun(self._run, _engine(url), f"hears {channel}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, engine: Engine) -> None:
        while not self._over.is_set():
            try:
                with engine.connect() as connection:
                    connection.execute(text(f"listen {self._channel}"))
                    self._heard()
                    self._listen_on(connection.connection.driver_connection)
            except _BROKEN as error:
                _log.warning("News can't be heard (%s); they are looked for instead.", cause(error))
                self._over.wait(_AGAIN)

    def _listen_on(self, connection: Any) -> None:
        while not self._over.is_set():
            for _ in connection.notifies(timeout=_LOOK_UP, stop_after=1):
                self._heard()


def _begun(run: Callable[[Engine], None], engine: Engine | None, name: str) -> threading.Thread | None:
    if engine is None:
        return None
    thread = threading.Thread(target=run, args=(engine,), name=name, daemon=True)
    thread.start()
    return thread


def _engine(url: str) -> Engine | None:
    """Connections that are sessions of their own, each statement its own transaction; None where there are none."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return None
    arguments = reached_over_a_network(address, {})
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)
