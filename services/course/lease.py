"""Who sends the log to Kafka: one relay at a time, and how far it has come.

The lease is PostgreSQL's advisory lock, held by the session that also writes the checkpoint: a relay whose session
broke has lost both at once. A relay that lives writes each second; PostgreSQL ends the session of one that was silent
for long, be it frozen, gone or cut off, and the next one takes over. Each taking raises the epoch, and a checkpoint
moves only for the epoch that wrote it last, so a relay that was cut off for a while can't move it any more. What it
still sends is sent twice, not lost: readers know a fact by its version.
"""

import time
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, NullPool, create_engine, exc, make_url, text

from shared.database import reached_over_a_network

SILENT = 30
"""Seconds without a word after which a relay has lost the lease; longer than Kafka may take for one batch."""
_KEY = 0x436F_7572_7365_0002
_TAKE = text(
    "insert into relay (id, epoch, topic_id, position) values (1, 1, :topic_id, 0) "
    "on conflict (id) do update set epoch = relay.epoch + 1, topic_id = :topic_id, "
    "position = case when relay.topic_id = :topic_id then relay.position else 0 end "
    "returning epoch, position"
)
_MOVE = text("update relay set position = :position, beat_at = :beat_at where id = 1 and epoch = :epoch")
_LAST_BEAT = text("select beat_at from relay where id = 1")
_ALIVE = 15_000_000  # microseconds since the last sign of life


class LeaseLost(Exception):
    """Another relay took over, or the session to the database broke."""


class Lease:
    """The right to send, while the block lasts. `position` is that of the last fact which Kafka has acknowledged."""

    def __init__(self, connection: Connection, epoch: int, position: int) -> None:
        self._connection = connection
        self._epoch = epoch
        self.position = position

    @classmethod
    def take(cls, engine: Engine, topic_id: str) -> "Lease | None":
        """None while another relay has it. For a topic that was made anew the position is 0."""
        connection = engine.connect()
        try:
            if connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar_one():
                epoch, position = connection.execute(_TAKE, {"topic_id": topic_id}).one()
                return cls(connection, epoch, position)
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None

    def move(self, position: int) -> None:
        """Writes the checkpoint, or the sign of life where nothing new was sent; raises LeaseLost."""
        values = {"position": position, "epoch": self._epoch, "beat_at": _now()}
        try:
            moved = self._connection.execute(_MOVE, values).rowcount
        except exc.DBAPIError as error:
            raise LeaseLost from error
        if moved != 1:
            raise LeaseLost
        self.position = position

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The session ends with the connection, and with the session the lock.
        self._connection.close()


def lease_engine(url: str) -> Engine:
    """Connections that are sessions of their own: closing one gives its lock back, and so does silence."""
    expires = {"idle_session_timeout": f"{SILENT}s"}
    reached = reached_over_a_network(make_url(url), expires)
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=reached)


def beats(engine: Engine) -> bool:
    """Whether some relay has sent or watched within the last 15 seconds."""
    with engine.connect() as connection:
        beat = connection.execute(_LAST_BEAT).scalar()
    return beat is not None and _now() - int(beat) < _ALIVE


def _now() -> int:
    return time.time_ns() // 1000
