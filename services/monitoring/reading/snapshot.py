"""One read transaction per answer: everything in an answer, its clocks too, was true at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from shared.database import Database


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection on which every query sees the same state of the store, whatever is committed meanwhile."""
    if database.sqlite:
        with database.read() as connection:
            yield connection
        return
    with database.reader.connect() as connection:
        # PostgreSQL's default, READ COMMITTED, gives every statement its own snapshot.
        yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
