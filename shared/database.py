"""One database as a service owns it: SQLite or PostgreSQL, checked at start, so that what is committed stays.

SQLite: WAL, synchronous=FULL, one writer connection per file, in one process, guarded by a lock file (before 3.51.3
two connections that write or checkpoint at once can corrupt the file). PostgreSQL: fsync, full_page_writes and
synchronous_commit must be on. Every reason not to start is a DatabaseError: one sentence that says what to do.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL

from shared import migrations

Service = Literal["course", "monitoring"]

# What a statement raises while the store is down or overloaded: nothing was committed, except where the reply to a
# COMMIT was lost.
UNAVAILABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, exc.ResourceClosedError)

# What a store says of pages that it can't read or that make no sense. SQLite calls a disk's error while reading so.
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002")
# This process alone writes a SQLite file, so a lock that it can't get is one that it failed to give back.
_LOCKS = ("SQLITE_BUSY", "SQLITE_PROTOCOL", "SQLITE_IOERR_LOCK", "SQLITE_IOERR_UNLOCK", "SQLITE_IOERR_RDLOCK")
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
# Either side asks a silent connection for a sign of life, and gives it up within 15 s; TCP alone takes up to hours.
_CLIENT_NOTICES = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 5,
    "tcp_user_timeout": 15_000,
}
# To compile a question takes PostgreSQL longer than to answer one of ours.
_UNCOMPILED = {"jit": "off"}
_SERVER_NOTICES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "5"}


def cause(error: Exception) -> str:
    """The driver's own name for a failure: SQLITE_FULL, an SQLSTATE, else a class. Its text may hold parameters."""
    driver = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    return getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None) or type(driver).__name__


def _is_damage(error: Exception) -> bool:
    """Whether the store can't make sense of its own pages."""
    return cause(error).startswith(_DAMAGE)


def _unavailable_if_damaged(context: ExceptionContext) -> BaseException | None:
    """For whoever asks, a store that can't read its pages is down, not the question wrong."""
    wrong = context.sqlalchemy_exception
    if wrong is None or isinstance(wrong, UNAVAILABLE) or not _is_damage(wrong):
        return None
    return exc.OperationalError(None, None, context.original_exception)


class DatabaseError(Exception):
    """The database can't be used; the text is a sentence for the operator and names no password."""


class Database:
    """Connections of one service to its database; thread-safe. Make it with `open_database`."""

    def __init__(self, reader: Engine, writer: Engine | None, lock: IO[str] | None) -> None:
        self.reader = reader
        self._writer = writer
        self._lock = lock
        self.sqlite = reader.dialect.name == "sqlite"
        for engine in {reader, writer} - {None}:
            event.listen(engine, "handle_error", _unavailable_if_damaged, retval=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads; on SQLite it sees one snapshot."""
        with self.reader.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that only reads and in which every query sees the same state, whatever is committed."""
        if self.sqlite:
            with self.read() as connection:
                yield connection
            return
        with self.reader.connect() as connection:
            # PostgreSQL's default, READ COMMITTED, gives every statement its own snapshot.
            yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, committed on leaving; on SQLite writers queue here for the one writing connection."""
        if self._writer is None:
            raise DatabaseError("This process opened the database for reading only.")
        try:
            with self._writer.begin() as connection:
                yield connection
        except exc.OperationalError as error:
            if cause(error).startswith(_LOCKS):
                # The system takes a process's locks back when it closes the file, and only then.
                self.reader.dispose()
                self._writer.dispose()
            raise

    def close(self) -> None:
        # The writer goes last: the last connection to a SQLite file checkpoints it, and only the writer may.
        self.reader.dispose()
        if self._writer is not None:
            self._writer.dispose()
        if self._lock is not None:
            self._lock.close()


def open_database(
    url: str,
    service: Service,
    *,
    write: bool = True,
    connections: int = 5,
    settings: Mapping[str, str] | None = None,
) -> Database:
    """Opens and checks it and brings its tables up to date; raises DatabaseError.

    `write=False` takes no lock and migrates nothing: a second process beside the one that owns a SQLite file.
    `settings` are PostgreSQL's, for every connection of this process.
    """
    parsed = _parse(url, service)
    if parsed.get_backend_name() == "sqlite":
        database = _open_sqlite(parsed, service, write, connections)
    else:
        database = _open_postgresql(parsed, service, write, connections, settings or {})
    try:
        if write:
            with database.write() as connection:
                migrations.upgrade(connection, service)
        else:
            with database.read() as connection:
                migrations.require_current(connection, service)
    except migrations.MigrationError as error:
        database.close()
        raise DatabaseError(f"{_place(parsed)} {error}") from error
    except exc.SQLAlchemyError as error:
        database.close()
        raise _not_usable(parsed, service, error) from error
    except BaseException:
        database.close()
        raise
    return database


def _setting(service: Service) -> str:
    return f"COURSEWATCH_{service.upper()}_DB"


def _parse(url: str, service: Service) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise DatabaseError(
            f"{_setting(service)} can't be read as an address. Write sqlite:///var/{service}.db or "
            "postgresql://user@host/name."
        ) from error
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise DatabaseError(
            f"{_setting(service)} names a database that Coursewatch does not know. Write "
            f"sqlite:///var/{service}.db or postgresql://user@host/name."
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise DatabaseError(
            f"{_setting(service)} must name a file: a database in memory would forget what it was told."
        )
    return parsed


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"The database {url.database}"
    return f"The database {url.database or ''} at {url.host or 'localhost'}:{url.port or 5432}"


def _not_usable(url: URL, service: Service, error: exc.SQLAlchemyError) -> DatabaseError:
    if isinstance(error, exc.OperationalError) and url.get_backend_name() != "sqlite":
        return DatabaseError(
            f"{_place(url)} does not answer or refuses this user. Start it, or change {_setting(service)}."
        )
    if isinstance(error, exc.OperationalError) and not _is_damage(error):
        return DatabaseError(
            f"{_place(url)} can't be opened for writing. Check the folder, its permissions and the space left, "
            f"or change {_setting(service)}."
        )
    return DatabaseError(
        f"{_place(url)} is damaged or is not a database. Restore it from a backup, move it away, "
        f"or change {_setting(service)}."
    )


def _open_sqlite(url: URL, service: Service, write: bool, connections: int) -> Database:
    file = Path(str(url.database))
    lock = None
    try:
        if write:
            make_folder(file.parent)
            lock = _take_lock(file, service)
    except OSError as error:
        raise DatabaseError(
            f"The folder {file.parent} can't be written. Check its permissions, or change {_setting(service)}."
        ) from error
    if not write and not file.exists():
        raise DatabaseError(f"{_place(url)} does not exist yet. Start the {service} service first.")
    timeout: dict[str, Any] = {"timeout": 5, "check_same_thread": False}
    reader = create_engine(
        url, connect_args=timeout, hide_parameters=True, pool_size=connections, max_overflow=0, pool_timeout=5
    )
    event.listen(reader, "connect", _prepare_sqlite_reader)
    event.listen(reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    if not write:
        return Database(reader, None, None)
    writer = create_engine(
        url, connect_args=timeout, hide_parameters=True, pool_size=1, max_overflow=0, pool_timeout=30
    )
    event.listen(writer, "connect", _prepare_sqlite_writer)
    event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return Database(reader, writer, lock)


def make_folder(folder: Path) -> None:
    """Makes it, for its owner alone (a database in it may name patients), and syncs the folders above.

    SQLite syncs what is in it; that it exists stands above. Raises OSError.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for made in reversed(missing):
        above = os.open(made.parent, os.O_RDONLY)
        try:
            os.fsync(above)
        finally:
            os.close(above)


def _take_lock(file: Path, service: Service) -> IO[str]:
    lock = file.with_name(file.name + ".lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise DatabaseError(
            f"The database {file} is in use by another process{f' ({holder})' if holder else ''}. "
            f"Stop that one, or give this one its own file with COURSEWATCH_DATA or {_setting(service)}."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _prepare_sqlite_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the engine's "begin" says which BEGIN
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (mode, synchronous) != ("wal", 2):
        raise DatabaseError("SQLite can't keep a write-ahead log there, so a crash could lose data. Use a local disk.")


def _prepare_sqlite_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _open_postgresql(
    url: URL, service: Service, write: bool, connections: int, settings: Mapping[str, str]
) -> Database:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            **reached_over_a_network(url, {**_UNCOMPILED, **settings}),
            "application_name": f"coursewatch {service}",
        },
    )

    def assert_durable(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select " + ", ".join(f"current_setting('{name}')" for name in _DURABLE))
            settings = dict(zip(_DURABLE, cursor.fetchone(), strict=True))
        connection.rollback()
        unsafe = [name for name, value in settings.items() if value == "off"]
        if unsafe:
            raise DatabaseError(
                f"{_place(url)} runs with {' and '.join(unsafe)} off, so a crash would lose acknowledged data. "
                "Switch it on in postgresql.conf."
            )

    event.listen(engine, "connect", assert_durable)
    return Database(engine, engine if write else None, None)


def reached_over_a_network(url: URL, settings: Mapping[str, str]) -> dict[str, str | int]:
    """Arguments for connections to PostgreSQL that notice within seconds when the other side is gone without a word.

    `settings` are the server's for these connections.
    """
    options = " ".join(f"-c {name}={value}" for name, value in {**_SERVER_NOTICES, **settings}.items())
    return {**_CLIENT_NOTICES, "options": f"{url.query.get('options', '')} {options}"}


def take_advisory_lock(connection: Connection, key: int) -> None:
    """Holds PostgreSQL's advisory lock `key` until the transaction ends; SQLite's writers exclude each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})
