"""The projection built anew from the log beside the old one, and put in its place in one transaction.

It is built in a temporary SQLite file, whatever the live store is; readers see the old projection until the moment
they see the new one. Announcements are a record and stay; a rebuild announces nothing.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from services.monitoring.facts import Unreadable, read_item
from services.monitoring.projector import Advance, Projector
from services.monitoring.projector.states import day_in
from services.monitoring.rules.edition import Edition
from services.monitoring.store import checkpoints, witness
from services.monitoring.store.announcements import lock_stream, start_stream
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.store.tables import fact, parked, roll_up_span, stream, treatment
from services.monitoring.transport.feed import Feed, FeedTransport
from services.monitoring.transport.seam import Delivery, Mark
from shared.clock import Clock
from shared.database import Database, open_database

_CHUNK = 1000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What now stands in the store."""

    treatments: int
    facts: int
    spans: int


def rebuild(
    live: Database, course_url: str, editions: Mapping[str, Edition], clock: Clock, progress: Progress
) -> Rebuilt:
    """Reads the whole log from the feed; `progress(done, of)` counts facts. TransportError: then nothing is changed."""
    with tempfile.TemporaryDirectory(prefix="coursewatch-rebuild-") as folder:
        blue = open_database(f"sqlite:///{Path(folder) / 'projection.db'}", "monitoring")
        try:
            with blue.write() as connection:
                start_stream(connection)
            projector = Projector(blue, editions, clock, announce=False)
            _project_log(projector, course_url, progress)
            _project_later(projector, live)
            return _swap(projector, live, clock)
        finally:
            blue.close()


def _project_log(projector: Projector, course_url: str, progress: Progress) -> None:
    blue = projector.database
    transport = FeedTransport(
        Feed(course_url, limit=2000), lambda source, parts: checkpoints.claim(blue, source, parts)
    )
    try:
        while True:
            deliveries = transport.poll(0)
            held = dict(transport.held)
            new = {0: Checkpoint(deliveries[-1].mark.position, 0)} if deliveries else held
            projector.project(deliveries, Advance(transport.source, held, new))
            transport.done(new)
            behind = transport.lag() or 0
            progress(new[0].position, new[0].position + behind)
            if not behind:
                return
    finally:
        transport.close()


def _project_later(projector: Projector, live: Database) -> None:
    """What the live store has received since: the log's next facts, which it will not be told again."""
    with live.read() as connection:
        later = list(_later(connection, _last_position(projector.database)))
    projector.project(later)


def _swap(projector: Projector, live: Database, clock: Clock) -> Rebuilt:
    with live.write() as green:
        numbering = lock_stream(green)
        # Nobody else can project any more: what came since the last look is the last of it.
        projector.project(list(_later(green, _last_position(projector.database))))
        announced = {row.treatment: row for row in green.execute(select(treatment))}
        for table in (roll_up_span, fact, treatment):
            green.execute(delete(table))
        with projector.database.read() as blue:
            counts = [_copy(blue, green, table) for table in (fact, roll_up_span)]
            treatments = [_with_dates(row._asdict(), announced, clock) for row in blue.execute(select(treatment))]
        if treatments:
            green.execute(insert(treatment), treatments)
        _let_go(green)
        witness.start_anew(green)
        green.execute(update(stream).values(generation=numbering.generation + 1))
    return Rebuilt(len(treatments), *counts)


def _let_go(green: Connection) -> None:
    """The log has settled every fork; only a fact that it had not yet shown goes on waiting."""
    reached = select(func.max(fact.c.version)).where(fact.c.treatment == parked.c.treatment).scalar_subquery()
    green.execute(delete(parked).where((parked.c.reason != "gap") | (parked.c.version <= func.coalesce(reached, 0))))


def _with_dates(row: dict[str, Any], announced: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """How far the dates were told is not in the log: kept, or today where nobody knows."""
    known = announced.get(row["treatment"])
    if known is not None:
        return row | {"announced_on": known.announced_on, "next_change_on": known.next_change_on}
    today = day_in(row["zone"], clock.now()).toordinal()
    return row | {"announced_on": today, "next_change_on": today + 1}


def _copy(blue: Connection, green: Connection, table: Table) -> int:
    number = 0
    rows = blue.execution_options(yield_per=_CHUNK).execute(select(table))
    for chunk in rows.partitions(_CHUNK):
        green.execute(insert(table), [row._asdict() for row in chunk])
        number += len(chunk)
    return number


def _last_position(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.max(fact.c.position))).scalar_one() or 0)


def _later(connection: Connection, position: int) -> Iterator[Delivery]:
    query = select(fact.c.position, fact.c.item).where(fact.c.position > position).order_by(fact.c.position)
    for row in connection.execute(query):
        item = read_item(row.item)
        if isinstance(item, Unreadable):
            raise TypeError(f"a stored fact can no longer be read: {item.reason}")
        yield Delivery(Mark(0, row.position), None, row.item, item)
