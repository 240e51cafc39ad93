"""A database is opened only if what is committed to it stays; otherwise one sentence says what to do."""

import os
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import exc, text

from services.course.persistence.tables import metadata
from shared.database import Database, DatabaseError, open_database


def refused(url: str, **how: bool) -> str:
    with pytest.raises(DatabaseError) as error:
        open_database(url, "course", **how)
    return str(error.value)


def execute(url: str, statement: str) -> None:
    database = open_database(url, "course")
    with database.write() as connection:
        connection.execute(text(statement))
    database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'course.db'}"


def test_the_migrations_build_the_tables_as_they_are_defined(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_opening_again_changes_nothing(store_url: str) -> None:
    execute(store_url, "insert into treatment values ('0190f3c27a107c3e9a553b1f0a6d2e41', 'A')")

    database = open_database(store_url, "course")
    with database.read() as connection:
        assert connection.execute(text("select label from treatment")).scalar() == "A"
    database.close()


def test_a_folder_that_was_made_for_it_would_survive_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noted(file: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        fsync(file)

    monkeypatch.setattr(os, "fsync", noted)
    for _ in range(2):
        open_database(f"sqlite:///{tmp_path / 'made' / 'for it' / 'course.db'}", "course").close()

    assert synced == [str(tmp_path), str(tmp_path / "made")]


def test_sqlite_keeps_a_write_ahead_log_and_syncs_every_commit(sqlite_url: str) -> None:
    database = open_database(sqlite_url, "course")
    with database.write() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        assert [connection.execute(text(f"pragma {name}")).scalar() for name in asked] == ["wal", 2, 1]
    database.close()


def test_after_a_lock_that_it_could_not_get_sqlite_is_opened_anew(sqlite_url: str) -> None:
    database = open_database(sqlite_url, "course")
    before = [_connected(database), _connected(database)]
    with database.write() as connection:
        connection.execute(text("pragma busy_timeout = 1"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(exc.OperationalError), database.write():
        pass
    other.close()
    after = [_connected(database), _connected(database)]
    database.close()

    assert before[0] == before[1]
    assert after[0] == after[1]
    assert not set(before[0]) & set(after[0])


def _connected(database: Database) -> tuple[object, ...]:
    """The driver's connections that a reader and a writer get."""
    with database.read() as reading, database.write() as writing:
        return (reading.connection.driver_connection, writing.connection.driver_connection)


def test_a_sqlite_reader_cannot_write(sqlite_url: str) -> None:
    database = open_database(sqlite_url, "course")
    with pytest.raises(exc.OperationalError), database.read() as connection:
        connection.execute(text("delete from treatment"))
    database.close()


def test_one_sqlite_file_has_one_writing_process(sqlite_url: str) -> None:
    first = open_database(sqlite_url, "course")

    assert "in use by another process" in refused(sqlite_url)

    beside = open_database(sqlite_url, "course", write=False)
    with pytest.raises(DatabaseError), beside.write():
        pass
    beside.close()
    first.close()
    open_database(sqlite_url, "course").close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "course.db"
    file.write_bytes(b"not a database" * 100)

    assert "damaged or is not a database" in refused(f"sqlite:///{file}")
    assert file.read_bytes() == b"not a database" * 100


def test_a_database_that_was_cut_short_is_refused(tmp_path: Path, sqlite_url: str) -> None:
    open_database(sqlite_url, "course").close()
    file = tmp_path / "course.db"
    file.write_bytes(file.read_bytes()[: 4096 * 2 + 100])

    assert "damaged or is not a database" in refused(sqlite_url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "can't be written" in refused(f"sqlite:///{tmp_path}/file/course.db")


def test_reading_waits_for_the_service_to_have_made_the_database(sqlite_url: str) -> None:
    assert "does not exist yet" in refused(sqlite_url, write=False)


@pytest.mark.parametrize(
    "url, says",
    [
        ("nonsense", "can't be read as an address"),
        ("mysql://user@host/name", "does not know"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_its_setting(url: str, says: str) -> None:
    assert says in refused(url)
    assert "COURSEWATCH_COURSE_DB" in refused(url)


def test_a_postgresql_that_is_not_there_is_named_without_the_password() -> None:
    sentence = refused("postgresql://user:secret@127.0.0.1:1/course")

    assert "course at 127.0.0.1:1 does not answer" in sentence
    assert "secret" not in sentence


def test_a_postgresql_that_may_lose_commits_is_refused(postgres_url: str) -> None:
    assert "synchronous_commit off" in refused(f"{postgres_url}?options=-csynchronous_commit%3Doff")


def test_tables_of_a_newer_version_are_refused(store_url: str) -> None:
    execute(store_url, "update alembic_version set version_num = '9999'")

    assert "newer Coursewatch" in refused(store_url)


def test_tables_of_somebody_else_are_refused(store_url: str) -> None:
    execute(store_url, "delete from alembic_version")

    assert "not Coursewatch's, or half of them" in refused(store_url)
