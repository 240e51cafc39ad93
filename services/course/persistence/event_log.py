"""The log's rows: appended under one lock, read in order. One append statement for SQLite, one for PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, delete, insert, select, text, update

from services.course.persistence.tables import event, message, promise
from shared.database import take_advisory_lock

APPEND_LOCK = 0x436F_7572_7365_0010


class EventRow(NamedTuple):
    """One row of the log, in the order of its columns; `recorded_at` in microseconds since 1970 UTC."""

    position: int
    treatment: UUID
    version: int
    topic: str
    state: bytes
    fact_id: UUID
    recorded_at: int


class MessageRow(NamedTuple):
    """The message that a row of the log came in, in the order of its columns: what makes sending it again harmless."""

    sender: str
    key: bytes
    content_hash: bytes
    received: bytes
    position: int


class LogEnd(NamedTuple):
    """The last position and its instant in microseconds; 0 and 0 while the log is empty."""

    position: int
    recorded_at: int


COLUMNS = [event.c[name] for name in EventRow._fields]
_ROWS = select(*COLUMNS)

# One array a column and one statement for both tables: one round trip, whatever the number of rows.
_EVENT_ARRAYS = zip(EventRow._fields, ("bigint", "uuid", "integer", "text", "bytea", "uuid", "bigint"), strict=True)
_MESSAGE_ARRAYS = zip(MessageRow._fields, ("text", "bytea", "bytea", "bytea", "bigint"), strict=True)


def _from_arrays(table: str, arrays: Iterable[tuple[str, str]]) -> str:
    named = list(arrays)
    values = ", ".join(f"cast(:{table}_{name} as {kind}[])" for name, kind in named)
    columns = ", ".join(name for name, _ in named)
    return f"insert into {table} ({columns}) select * from unnest({values})"  # noqa: S608 -- names of our own


_APPEND_POSTGRESQL = text(
    f"with appended as ({_from_arrays('event', _EVENT_ARRAYS)}) {_from_arrays('message', _MESSAGE_ARRAYS)}"
)
_APPEND_SQLITE = (insert(event), insert(message))
_END = select(event.c.position, event.c.recorded_at).order_by(event.c.position.desc()).limit(1)


def lock_appends(connection: Connection) -> None:
    """Makes this transaction the only one that appends, in any process, until it ends.

    On PostgreSQL it must be a statement of its own: a statement's snapshot is older than the lock it waits for, so
    whatever reads the log's end has to come after. On SQLite BEGIN IMMEDIATE has done it.
    """
    take_advisory_lock(connection, APPEND_LOCK)


def log_end(connection: Connection) -> LogEnd:
    row = connection.execute(_END).first()
    return LogEnd(row.position, row.recorded_at) if row else LogEnd(0, 0)


def latest_instant(connection: Connection, end: LogEnd) -> int:
    """What the next fact's instant must exceed: the last one recorded, and the last one promised to readers."""
    return max(end.recorded_at, connection.scalar(select(promise.c.recorded_through)) or 0)


def keep_promise(connection: Connection, through: int) -> None:
    """Remembers, under `lock_appends`, that nothing will be recorded at or before this instant any more."""
    if not connection.execute(update(promise).values(recorded_through=through)).rowcount:
        connection.execute(insert(promise), {"id": 1, "recorded_through": through})


def write_nothing_new(connection: Connection) -> None:
    """Writes the promise as it stands, under `lock_appends`: the commit tells whether the store takes anything."""
    through = connection.scalar(select(promise.c.recorded_through)) or 0
    # Not an update: SQLite writes no page for a value that stays the same.
    connection.execute(delete(promise))
    keep_promise(connection, through)


def append(connection: Connection, rows: Sequence[EventRow], messages: Sequence[MessageRow] = ()) -> None:
    """Inserts rows whose versions, positions and instants were assigned under `lock_appends`, with their messages."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        arrays = {f"event_{name}": [row[at] for row in rows] for at, name in enumerate(EventRow._fields)}
        for at, name in enumerate(MessageRow._fields):
            arrays[f"message_{name}"] = [row[at] for row in messages]
        connection.execute(_APPEND_POSTGRESQL, arrays)
        return
    connection.execute(_APPEND_SQLITE[0], [row._asdict() for row in rows])
    if messages:
        connection.execute(_APPEND_SQLITE[1], [row._asdict() for row in messages])


def rows_after(connection: Connection, after: int, limit: int) -> list[EventRow]:
    """The log after a position."""
    return _read(connection, _ROWS.where(event.c.position > after).order_by(event.c.position).limit(limit))


def rows_of(connection: Connection, treatment: UUID, after_version: int, limit: int) -> list[EventRow]:
    """One treatment's rows after a version."""
    found = _ROWS.where(event.c.treatment == treatment, event.c.version > after_version)
    return _read(connection, found.order_by(event.c.version).limit(limit))


def row_of(connection: Connection, treatment: UUID, version: int) -> EventRow | None:
    found = _read(connection, _ROWS.where(event.c.treatment == treatment, event.c.version == version))
    return found[0] if found else None


def _read(connection: Connection, query: Select[Any]) -> list[EventRow]:
    return [EventRow._make(row) for row in connection.execute(query)]
