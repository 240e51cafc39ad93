"""Takes one protection out of a service in this process: what negative controls run on.

`python -m tests.chaos.storage.weakened PROTECTION course api` is `coursewatch course api` without it.
"""

import importlib
import secrets
import sys
from typing import Any

from services.course.persistence import appender, recording
from shared import database


def take_away(protection: str) -> None:
    """Raises KeyError for one that is not known; "" takes nothing."""
    PROTECTIONS[protection]()


def _forget_keys() -> None:
    """Every message is a new one, however often it is sent."""
    recording.message_key = lambda *_: secrets.token_bytes(32)


def _keep_no_journal() -> None:
    """A transaction goes straight into the database file, page by page."""
    database._prepare_sqlite_writer = _pragmas("journal_mode=OFF", "synchronous=FULL")


def _sync_seldom() -> None:
    """SQLite's usual setting beside a write-ahead log: a commit does not wait for the disk."""
    database._prepare_sqlite_writer = _pragmas("journal_mode=WAL", "synchronous=NORMAL")


def _pragmas(*pragmas: str) -> Any:
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _answer_before_the_commit() -> None:
    """A sender is told what was decided, whether or not the store took it."""
    write, transaction = recording.Recording._write, appender.Appender._transaction

    def careless_write(self: Any, *changes: Any) -> None:
        try:
            write(self, *changes)
        except database.UNAVAILABLE:
            return

    def hasty(self: Any, group: Any, decided: list[Any]) -> list[Any]:
        decided = []
        try:
            return transaction(self, group, decided)
        except database.UNAVAILABLE:
            if not decided:
                raise
            return decided

    recording.Recording._write = careless_write  # type: ignore[method-assign]
    appender.Appender._transaction = hasty  # type: ignore[method-assign]


def _take_failures_for_done() -> None:
    """The projection goes on from where it has read, whether or not the store took the batch."""
    from services.monitoring.projector import Projected, careful
    from services.monitoring.store import checkpoints

    project = careful.project

    def careless(projector: Any, deliveries: Any, reach: Any, **how: Any) -> Any:
        try:
            return project(projector, deliveries, reach, **how)
        except database.UNAVAILABLE:
            reach.held = reach.after(deliveries)
            return Projected()

    def advance(connection: Any, source: str, _old: Any, new: Any) -> None:
        table = checkpoints.checkpoint
        for partition, reached in new.items():
            of_it = (table.c.source == source) & (table.c.partition == partition)
            place = {"position": reached.position, "known_through": reached.known_through}
            connection.execute(table.update().where(of_it).values(place))

    careful.project = careless
    checkpoints.advance = advance


PROTECTIONS = {
    "": lambda: None,
    "idempotency": _forget_keys,
    "journal": _keep_no_journal,
    "sync": _sync_seldom,
    "commit": _answer_before_the_commit,
    "failures": _take_failures_for_done,
}

if __name__ == "__main__":
    take_away(sys.argv[1])
    sys.exit(importlib.import_module(f"services.{sys.argv[2]}.__main__").main(sys.argv[3:]))
