"""Opened monitoring stores, and their rows as plain values to compare."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, select

from services.monitoring.projector import Projector
from services.monitoring.store.announcements import start_stream
from services.monitoring.store.tables import announcement, fact, roll_up_span
from shared.clock import ManualClock
from shared.database import Database, open_database
from tests.scenario import EDITION

EDITIONS = {EDITION.protocol: EDITION}
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url, "monitoring")
    try:
        with database.write() as connection:
            start_stream(connection)
        yield database
    finally:
        database.close()


def projector(database: Database, **how: Any) -> Projector:
    return Projector(database, EDITIONS, ManualClock(NOW), **how)


def rows(database: Database, table: Table, *without: str) -> list[tuple[Any, ...]]:
    """All rows in the order of their values."""
    columns = [column for column in table.c if column.name not in without]
    with database.read() as connection:
        return sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)


def projection(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """What is derived from the log."""
    return {table.name: rows(database, table) for table in (fact, roll_up_span)}


def told(database: Database, *columns: str) -> list[tuple[Any, ...]]:
    """The announcements in their order; by default number, kind, obligation, day and cause."""
    names = columns or ("n", "kind", "obligation_id", "effective_on", "caused_by")
    query = select(*(announcement.c[name] for name in names)).order_by(announcement.c.n)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]
