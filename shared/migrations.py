"""Brings a service's tables up to date, and tells a database that is not ours or not of our time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

FOLDER = Path(__file__).resolve().parents[1] / "deploy" / "migrations"
_ADVISORY_LOCK = 0x436F_7572_7365_0001


class MigrationError(Exception):
    """Continues the sentence "The database …": why its tables can't be used, and what to do."""


def upgrade(connection: Connection, service: str) -> None:
    """Applies what is missing inside the caller's transaction: all of it or nothing."""
    if connection.dialect.name == "postgresql":
        # Two processes that start together take turns.
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    scripts = _scripts(service)
    head = scripts.get_current_head()
    if head is None or _current(connection, scripts) == head:
        return

    def steps(revision: Any, _context: MigrationContext) -> Sequence[Any]:
        return scripts._upgrade_revs(head, revision)

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()


def require_current(connection: Connection, service: str) -> None:
    """Refuses a database whose tables are not those of this version."""
    scripts = _scripts(service)
    if _current(connection, scripts) != scripts.get_current_head():
        raise MigrationError(f"has the tables of another version. Start the {service} service of this version first.")


def newest(service: str) -> str:
    """The revision of this version's tables."""
    return str(_scripts(service).get_current_head())


def _scripts(service: str) -> ScriptDirectory:
    folder = FOLDER / service
    if not folder.is_dir():
        raise MigrationError(f"can't be prepared: this installation lacks the folder deploy/migrations/{service}.")
    return ScriptDirectory(str(folder))


def _current(connection: Connection, scripts: ScriptDirectory) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None and set(inspect(connection).get_table_names()) - {"alembic_version"}:
        raise MigrationError("holds tables that are not Coursewatch's, or half of them. Name an empty database.")
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise MigrationError("was written by a newer Coursewatch. Start that version, or restore an older backup.")
    return current
