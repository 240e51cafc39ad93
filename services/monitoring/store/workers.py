"""Signs of life of the process that reads the log, for those that only answer."""

import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.store.tables import worker

CONSUMER: Final = "consumer"


@dataclass(frozen=True, slots=True)
class Beat:
    """`age` in seconds since the last sign of life; `ailing` says what keeps it from working, None = nothing."""

    age: float
    ailing: str | None


def beat(connection: Connection, ailing: str | None) -> None:
    """Notes that the consumer lives, by the machine's time."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"name": CONSUMER, "beat_at": time.time_ns() // 1000, "ailing": ailing}
    statement = make(worker).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=[worker.c.name], set_=row))


def last_beat(connection: Connection) -> Beat | None:
    """None if there never was a consumer."""
    row = connection.execute(select(worker.c.beat_at, worker.c.ailing).where(worker.c.name == CONSUMER)).first()
    return None if row is None else Beat(max(0.0, time.time() - row.beat_at / 1e6), row.ailing)
