"""One read transaction per answer: everything in an answer, its clocks too, was true at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection on which every query sees the same state of the store, whatever is committed meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # The default, READ COMMITTED, gives every statement its own snapshot.
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        elif not _in_transaction(connection):
            # The sqlite3 driver begins a transaction only before it writes.
            connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.rollback()


def _in_transaction(connection: Connection) -> bool:
    driver = connection.connection.dbapi_connection
    return bool(getattr(driver, "in_transaction", False))
