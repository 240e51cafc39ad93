"""`coursewatch protocol activate`: another edition judges what is known from now on; `history` lists those that did."""

import sys
from pathlib import Path

from sqlalchemy import Connection, func, select

from services.monitoring.catalogue import edition_of
from services.monitoring.editions import BEGINNING
from services.monitoring.facts import micros, utc_text
from services.monitoring.protocol_commands.check import Checked, checked
from services.monitoring.settings import Settings
from services.monitoring.store import tables
from services.monitoring.store.announcements import lock_stream, start_stream
from services.monitoring.store.editions import Activated, record, recorded
from services.monitoring.written import PROTOCOLS, CatalogueError, Written, protocol_names, read_written
from shared.clock import Clock, ManualClock, SystemClock
from shared.database import Database, open_database

SHIPPED = "the edition that was shipped: in force until the first activation"


def activate(settings: Settings, path: Path, reason: str, author: str) -> int:
    """Raises CatalogueError and DatabaseError, with nothing changed."""
    new = checked(path)
    clock: Clock = ManualClock() if settings.clock == "manual" else SystemClock()
    database = open_database(settings.database, "monitoring")
    try:
        made = put_in_force(database, new, settings.profile, reason, author, clock)
    finally:
        database.close()
    _say(f"{made.name} is in force for what is known from {utc_text(made.activated_at)} on. sha256 {made.sha256}")
    _say("What was known before is judged as it was. Lists follow as soon as all that was recorded by then is read.")
    return 0


def history(settings: Settings) -> int:
    """Every edition that was ever in force, in the order of the activations."""
    database = open_database(settings.database, "monitoring", write=False)
    try:
        with database.read() as connection:
            rows = recorded(connection)
    finally:
        database.close()
    activated = {row.protocol for row in rows}
    for name in protocol_names():
        if name not in activated:
            shipped = read_written(name)
            _say(f"{name}: {shipped.content['edition']}, as shipped, sha256 {shipped.sha256}; nothing was activated.")
    for row in rows:
        since = "the beginning" if row.activated_at == BEGINNING else utc_text(row.activated_at)
        _say(f"{row.protocol}: {row.name}, sha256 {row.sha256}, from {since}, by {row.author}: {row.reason}")
    return 0


def put_in_force(database: Database, new: Checked, profile: str, reason: str, author: str, clock: Clock) -> Activated:
    """Appends the activation, and before the first one of a protocol the edition that it was shipped with.

    Raises CatalogueError, with nothing changed.
    """
    _fit_to_judge(new, profile)
    protocol = new.file.protocol
    with database.write() as connection:
        start_stream(connection)
        lock_stream(connection)
        known = [one for one in recorded(connection) if one.protocol == protocol]
        if not known and protocol in protocol_names():
            shipped = read_written(protocol, PROTOCOLS)
            first = _activated(protocol, shipped, str(shipped.content["edition"]), BEGINNING, SHIPPED, "coursewatch")
            record(connection, first)
            known = [first]
        _another(new, known)
        at = _after_all_that_is_known(connection, clock)
        made = _activated(protocol, new.written, new.file.edition, at, reason, author)
        record(connection, made)
    return made


def _fit_to_judge(new: Checked, profile: str) -> None:
    if new.wrong:
        raise CatalogueError(*new.wrong, "Nothing was activated: the worked examples do not hold.")
    edition_of(new.written, new.file, new.file.protocol, profile)


def _another(new: Checked, known: list[Activated]) -> None:
    """A name stands for one text for ever, and an edition is not activated on top of itself."""
    if known and known[-1].sha256 == new.written.sha256:
        raise CatalogueError(f"Nothing was activated: {known[-1].name} is in force with this very text.")
    same = next((one for one in known if one.name == new.file.edition and one.sha256 != new.written.sha256), None)
    if same is not None:
        where = new.written.told(
            ("edition",),
            f"{same.name} is the name of an edition of another text. Write another date, as in "
            f'edition = "{new.file.protocol}@2031-12"',
        )
        raise CatalogueError(where, "Nothing was activated.")


def _after_all_that_is_known(connection: Connection, clock: Clock) -> int:
    """An instant after every one that an answer may have been given for."""
    reached = [
        connection.execute(select(func.max(column))).scalar_one() or 0
        for column in (tables.fact.c.recorded_at, tables.checkpoint.c.known_through, tables.edition.c.activated_at)
    ]
    return max(micros(clock.now()), *map(int, reached)) + 1


def _activated(protocol: str, text: Written, name: str, at: int, reason: str, author: str) -> Activated:
    return Activated(protocol, at, name, text.sha256, text.texts, reason, author)


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
