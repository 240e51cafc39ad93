"""`coursewatch protocol impact`: which obligations of which treatments another edition would change."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, func, select

from services.monitoring.catalogue import edition_of, read
from services.monitoring.protocol_commands.tally import KINDS, RequirementImpact, Tally, TreatmentImpact, compared
from services.monitoring.reading.clocks import from_microseconds, today
from services.monitoring.reading.library import open_library
from services.monitoring.reading.one_treatment import opened
from services.monitoring.reading.snapshot import snapshot
from services.monitoring.rules.believing import believe
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.summary import counted
from services.monitoring.settings import Settings
from services.monitoring.store import tables
from services.monitoring.store.editions import refresh
from services.monitoring.store.facts import all_facts
from services.monitoring.written import CatalogueError, read_path
from shared.clock import SystemClock
from shared.database import open_database

_SHOWN = 20  # treatments; `--json` has them all


class EditionNamed(Struct, frozen=True):
    name: str
    sha256: str
    profile: str


class Impact(Struct, frozen=True):
    """`on` None = today in each treatment's zone."""

    before: EditionNamed
    after: EditionNamed
    on: date | None
    treatments: int
    changed: int
    requirements: tuple[RequirementImpact, ...]
    by_treatment: tuple[TreatmentImpact, ...]


def impact(settings: Settings, path: Path, on: date | None, against: str | None, *, as_json: bool) -> int:
    """Nothing is changed; raises CatalogueError and DatabaseError."""
    written = read_path(path)
    file = read(written)
    protocol = against or file.protocol
    with _reading(settings) as (connection, now):
        old = _in_force(connection, settings, protocol)
        after = edition_of(written, file, protocol, settings.profile)
        tally = _tally(connection, old, after, on, now)
    found = Impact(
        before=_named(old),
        after=_named(after),
        on=on,
        treatments=tally.looked_at,
        changed=len(tally.changed),
        requirements=tally.requirements(),
        by_treatment=tuple(tally.changed),
    )
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    else:
        _tell(found)
    return 0


def _tally(connection: Connection, before: Edition, after: Edition, on: date | None, now: datetime) -> Tally:
    mine = select(func.count()).select_from(tables.treatment).where(tables.treatment.c.protocol == before.protocol)
    of = connection.execute(mine).scalar_one()
    tally = Tally()
    for treatment, facts in all_facts(connection):
        if opened(facts).protocol != before.protocol:
            continue
        day = on or today(now, believe(facts).who.zone)
        tally.add(treatment, day, compared(before, after, facts, day))
        _show(tally.looked_at, of)
    sys.stderr.write("\n" if of else "")
    return tally


def _in_force(connection: Connection, settings: Settings, protocol: str) -> Edition:
    editions = open_library(settings.profile, SystemClock()).editions
    refresh(connection, editions)
    if protocol not in editions:
        raise CatalogueError(
            f"No protocol {protocol} is in force to compare with. "
            f"Say --against with one of: {', '.join(sorted(editions))}."
        )
    return editions[protocol]


@contextmanager
def _reading(settings: Settings) -> Iterator[tuple[Connection, datetime]]:
    """One snapshot of the store, beside whoever writes it, and the instant that is now there."""
    database = open_database(settings.database, "monitoring", write=False)
    try:
        with snapshot(database) as connection:
            yield connection, _now(settings, connection)
    finally:
        database.close()


def _now(settings: Settings, connection: Connection) -> datetime:
    """A clock that is moved by hand stands at the last that was recorded."""
    if settings.clock == "manual":
        last = connection.execute(select(func.max(tables.fact.c.recorded_at))).scalar_one()
        return from_microseconds(last or 0)
    return SystemClock().now()


def _named(edition: Edition) -> EditionNamed:
    return EditionNamed(edition.name, edition.sha256, edition.profile)


def _tell(found: Impact) -> None:
    day = "today" if found.on is None else f"on {found.on}"
    _say(f"{found.after.name} instead of {found.before.name}, judged {day}, profile {found.after.profile}:")
    _say(f"{found.changed} of {counted(found.treatments, 'treatment')} would change.")
    if not found.changed:
        return
    sys.stdout.write("\n")
    widest = max(len(f"{one.requirement} {one.title}") for one in found.requirements)
    _say(f"  {'obligations':<{widest}}  treatments" + "".join(f"  {kind:>9}" for kind in KINDS))
    for one in found.requirements:
        cells = "".join(f"  {one.obligations.get(kind, 0):>9}" for kind in KINDS)
        _say(f"  {one.requirement + ' ' + one.title:<{widest}}  {one.treatments:>10}{cells}")
    for title, which in (("Slots", "standings"), ("Lines of the worklist", "roll_ups")):
        rows = [(one.requirement, said, n) for one in found.requirements for said, n in getattr(one, which).items()]
        if rows:
            sys.stdout.write(f"\n{title} that would stand otherwise:\n")
            for requirement, said, number in rows:
                _say(f"  {requirement:<8}  {said:<24}  {number:>6}")
    sys.stdout.write("\nTreatments:\n")
    for each in found.by_treatment[:_SHOWN]:
        _say(f"  {each.treatment}  {'; '.join(_words(each))}")
    if len(found.by_treatment) > _SHOWN:
        _say(f"  and {len(found.by_treatment) - _SHOWN} more: --json lists them all.")


def _words(each: TreatmentImpact) -> Iterator[str]:
    lines = {line.requirement: line for line in each.lines}
    for name in sorted({*each.obligations, *lines}):
        said = [f"{number} {kind}" for kind, number in each.obligations.get(name, {}).items()]
        if (line := lines.get(name)) is not None:
            was = f"{line.standing_before or 'none'}{f', due {line.due_before}' if line.due_before else ''}"
            now = f"{line.standing_after or 'none'}{f', due {line.due_after}' if line.due_after else ''}"
            said.append(f"{was} -> {now}")
        yield f"{name}: {', '.join(said)}"


def _show(done: int, of: int) -> None:
    """A bar of 40 on the terminal's last line."""
    share = done / of if of else 1.0
    sys.stderr.write(f"\r[{'#' * int(40 * share):<40}] {done} of {counted(of, 'treatment')}")
    sys.stderr.flush()


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
