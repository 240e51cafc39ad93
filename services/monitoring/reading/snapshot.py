"""One read transaction per answer: everything in an answer, its clocks too, was true at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from shared.database import Database


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection on which every query sees the same state of the store, whatever is committed meanwhile."""
    with database.snapshot() as connection:
        yield connection
