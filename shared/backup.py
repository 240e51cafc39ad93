"""A service's database as a folder of files, taken while it is at work, and put back into an empty database.

One snapshot of every table, row by row in the order of the primary key: the same format from SQLite and PostgreSQL,
whatever their versions, so a backup of one can be restored into the other. The manifest is written last: a folder
without it is no backup. It holds the SHA-256 of each table, and a restore reads all of it back before it commits.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, MetaData, Table, Uuid, func, insert, select, text

from shared import migrations
from shared.database import Service, open_database

FORMAT: Final = 1
_CHUNK: Final = 1000  # rows of one frame; a frame is its length in four bytes, then MessagePack
_MANIFEST: Final = "manifest.json"
Rows = list[list[Any]]


class BackupError(Exception):
    """Why nothing was backed up or restored; the text is a sentence for the operator."""


class Kept(msgspec.Struct, frozen=True):
    """One table of a backup."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds; `revision` is that of the tables, `made_at` the UTC instant at which it was begun."""

    format: int
    service: Service
    revision: str
    made_at: str
    tables: dict[str, Kept]


def back_up(url: str, service: Service, tables: MetaData, folder: Path) -> Manifest:
    """Writes one snapshot into a new folder, readable by its owner alone; raises BackupError or DatabaseError."""
    database = open_database(url, service, write=False)
    try:
        _make(folder)
        began = datetime.now(UTC).isoformat(timespec="seconds")
        with database.snapshot() as connection:
            kept = {str(table.name): _write(connection, table, folder) for table in tables.sorted_tables}
        manifest = Manifest(FORMAT, service, migrations.newest(service), began, kept)
        _durably(folder / _MANIFEST, [msgspec.json.format(msgspec.json.encode(manifest), indent=1)])
    except OSError as error:
        raise BackupError(f"The backup could not be written into {folder} ({error.strerror}).") from error
    finally:
        database.close()
    return manifest


def restore(
    url: str,
    service: Service,
    tables: MetaData,
    folder: Path,
    settle: Callable[[Connection], Sequence[str]],
) -> Manifest:
    """Fills an empty database in one transaction, or changes nothing and raises BackupError or DatabaseError.

    `settle` may complete what was restored, and answers what is wrong with it, in words.
    """
    manifest = _readable(folder, service, tables)
    database = open_database(url, service)
    try:
        with database.write() as connection:
            _fill(connection, manifest, tables, folder)
            if wrong := settle(connection):
                raise BackupError(f"Nothing was restored: {'; '.join(wrong)}.")
    finally:
        database.close()
    return manifest


def _make(folder: Path) -> None:
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise BackupError(f"The folder {folder} is there already. Name one that is not.") from None
    except OSError as error:
        raise BackupError(f"The folder {folder} can't be made ({error.strerror}).") from error


def _fill(connection: Connection, manifest: Manifest, tables: MetaData, folder: Path) -> None:
    filled = [table.name for table in tables.sorted_tables if connection.execute(select(table).limit(1)).first()]
    if filled:
        raise BackupError(
            f"The {manifest.service} database is not empty, and a restore overwrites nothing. Move its file away, "
            f"or name an empty database with COURSEWATCH_{manifest.service.upper()}_DB."
        )
    for table in tables.sorted_tables:
        for rows in _frames(folder / f"{table.name}.rows"):
            connection.execute(insert(table), [_as_values(table, row) for row in rows])
        _go_on_counting(connection, table)
    for table in tables.sorted_tables:
        if _digest(connection, table) != manifest.tables[table.name]:
            raise BackupError(f"The table {table.name} did not come back as it was. Nothing was restored.")


def _readable(folder: Path, service: Service, tables: MetaData) -> Manifest:
    """The manifest of a backup that this version can restore and whose files are whole."""
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise BackupError(
            f"The folder {folder} holds no whole backup of the {service} service: its manifest can't be read."
        ) from error
    names = {table.name for table in tables.sorted_tables}
    current = (FORMAT, service, migrations.newest(service), names)
    if (manifest.format, manifest.service, manifest.revision, set(manifest.tables)) != current:
        raise BackupError(
            f"The backup in {folder} is of another service or version (tables {manifest.revision}, here {current[2]}). "
            "Restore it with the version that made it, then start this one on it."
        )
    for name, kept in manifest.tables.items():
        try:
            with (folder / f"{name}.rows").open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise BackupError(f"The backup in {folder} is not whole: {name}.rows can't be read.") from error
        if found != kept.sha256:
            raise BackupError(f"The backup in {folder} was damaged or changed: {name}.rows is not what it was.")
    return manifest


def _write(connection: Connection, table: Table, folder: Path) -> Kept:
    counted = _Counted(connection, table)
    _durably(folder / f"{table.name}.rows", counted)
    return counted.kept


def _digest(connection: Connection, table: Table) -> Kept:
    counted = _Counted(connection, table)
    for _ in counted:
        pass
    return counted.kept


class _Counted:
    """The frames of a table as it is now; once they were all taken, `kept` says what they were."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._table = table
        self._hash = hashlib.sha256()
        self._rows = 0

    def __iter__(self) -> Iterator[bytes]:
        query = select(self._table).order_by(*self._table.primary_key.columns)
        found = iter(self._connection.execute(query, execution_options={"yield_per": _CHUNK}))
        while rows := [[_plain(value) for value in row] for row in islice(found, _CHUNK)]:
            body = msgspec.msgpack.encode(rows)
            frame = len(body).to_bytes(4, "big") + body
            self._rows += len(rows)
            self._hash.update(frame)
            yield frame

    @property
    def kept(self) -> Kept:
        return Kept(tuple(str(column.name) for column in self._table.columns), self._rows, self._hash.hexdigest())


def _plain(value: Any) -> Any:
    return value.bytes if isinstance(value, UUID) else value


def _as_values(table: Table, row: list[Any]) -> dict[str, Any]:
    return {
        column.name: UUID(bytes=value) if isinstance(column.type, Uuid) and value is not None else value
        for column, value in zip(table.columns, row, strict=True)
    }


def _frames(file: Path) -> Iterator[Rows]:
    with file.open("rb") as stream:
        while length := stream.read(4):
            yield msgspec.msgpack.decode(stream.read(int.from_bytes(length, "big")), type=Rows)


def _go_on_counting(connection: Connection, table: Table) -> None:
    """A sequence of PostgreSQL does not see the numbers that were put in; SQLite's does."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    of = {"table": table.name, "column": column.name}
    sequence = connection.execute(text("select pg_get_serial_sequence(:table, :column)"), of).scalar()
    last = connection.execute(select(func.max(column))).scalar()
    if sequence is not None and last is not None:
        connection.execute(text("select setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _durably(path: Path, parts: Iterable[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for part in parts:
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
