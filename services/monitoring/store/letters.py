"""Dead letters: deliveries that can't be read, kept with their bytes so that they can be tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.store.tables import dead_letter


@dataclass(frozen=True, slots=True)
class Letter:
    """`id` is None before it is stored."""

    source: str
    partition: int
    position: int
    key: bytes | None
    value: bytes
    reason: str
    id: int | None = None


def bury(connection: Connection, letters: Sequence[Letter], now: int) -> None:
    """Stores them; one delivered again is already there."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "source": letter.source,
            "partition": letter.partition,
            "position": letter.position,
            "key": letter.key,
            "value": letter.value,
            "reason": letter.reason,
            "received_at": now,
        }
        for letter in letters
    ]
    if rows:
        connection.execute(make(dead_letter).on_conflict_do_nothing(), rows)


def unresolved(connection: Connection) -> list[Letter]:
    """Those not yet redriven, oldest first."""
    query = select(dead_letter).where(dead_letter.c.resolved_at.is_(None)).order_by(dead_letter.c.id)
    return [
        Letter(row.source, row.partition, row.position, row.key, row.value, row.reason, row.id)
        for row in connection.execute(query)
    ]


def doubts(connection: Connection, source: str) -> list[tuple[bytes | None, int]]:
    """Key and partition of those of one source not yet redriven."""
    c = dead_letter.c
    query = select(c.key, c.partition).where(c.resolved_at.is_(None), c.source == source).distinct()
    return [(row.key, row.partition) for row in connection.execute(query)]


def resolve(connection: Connection, ids: Sequence[int], now: int) -> int:
    """Puts away those that wait, and says how many they were."""
    waiting = dead_letter.c.id.in_(ids) & dead_letter.c.resolved_at.is_(None)
    return connection.execute(update(dead_letter).where(waiting).values(resolved_at=now)).rowcount
