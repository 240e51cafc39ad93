"""The projection built anew from the log beside the old one, and put in its place in one transaction.

The log is taken up treatment by treatment, so that a fact costs the same however long the log is. It is built in a
temporary SQLite file, whatever the live store is; readers see the old projection until they see the new one.
Announcements are a record and stay; a rebuild announces nothing.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from services.monitoring.facts import Unreadable, read_item
from services.monitoring.projector import Projector
from services.monitoring.projector.folding import fold
from services.monitoring.projector.states import day_in
from services.monitoring.rules.edition import Edition
from services.monitoring.store import witness
from services.monitoring.store.announcements import lock_stream, start_stream
from services.monitoring.store.bulk import copy_rows
from services.monitoring.store.checkpoints import least_known_through
from services.monitoring.store.pile import Pile
from services.monitoring.store.tables import fact, parked, roll_up_span, stream, treatment
from services.monitoring.transport.feed import Feed
from services.monitoring.transport.seam import Delivery, Mark
from shared.clock import Clock
from shared.database import Database, open_database

_TREATMENTS = 100  # that share a transaction
Progress = Callable[[int, int], None]


class _Place(msgspec.Struct):
    """Where an item belongs."""

    treatment: str
    version: int
    position: int


_PLACES = msgspec.json.Decoder(_Place)


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
        pile = Pile(Path(folder) / "log.db")
        try:
            with blue.write() as connection:
                start_stream(connection)
            with live.read() as connection:
                through = least_known_through(connection)  # the log that is read now has all of it
            last = _read_log(pile, course_url)
            _fold_log(blue, pile, editions, through, lambda done: progress(done, last))
            progress(last, last)
            projector = Projector(blue, editions, clock, announce=False)
            _project_later(projector, live)
            return _swap(projector, live, clock)
        finally:
            pile.close()
            blue.close()


def _fold_log(
    blue: Database, pile: Pile, editions: Mapping[str, Edition], through: int, progress: Callable[[int], None]
) -> None:
    """Every treatment from its first fact to its last. The indexes are made when all rows are there."""
    with blue.write() as connection:
        for index in roll_up_span.indexes:
            index.drop(connection)
    folding = (fold(editions, items, through) for items in pile.by_treatment())
    done = 0
    while chunk := list(islice(folding, _TREATMENTS)):
        with blue.write() as connection:
            copy_rows(connection, fact, (row for folded in chunk for row in folded.facts))
            copy_rows(connection, roll_up_span, (row for folded in chunk for row in folded.spans))
            copy_rows(connection, treatment, (folded.treatment for folded in chunk if folded.treatment))
        done += sum(len(folded.facts) for folded in chunk)
        progress(done)
    with blue.write() as connection:
        for index in roll_up_span.indexes:
            index.create(connection)


def _read_log(pile: Pile, course_url: str) -> int:
    """The whole log onto the pile, but for what can't be read; answers its last position."""
    feed = Feed(course_url, limit=2000)
    after = 0
    try:
        while True:
            page = feed.page(after=after)
            pile.put(placed for event in page.events if (placed := _placed(bytes(event))) is not None)
            after = page.next_after
            if not page.events or after >= page.head:
                return after
    finally:
        feed.close()


def _placed(value: bytes) -> tuple[str, int, int, bytes] | None:
    try:
        place = _PLACES.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return place.treatment, place.version, place.position, value


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
        # PostgreSQL's readers would have to wait for an index that is made anew; SQLite's don't.
        indexes = roll_up_span.indexes if live.sqlite else ()
        for index in indexes:
            index.drop(green)
        with projector.database.read() as blue:
            counts = [_copy(blue, green, table) for table in (fact, roll_up_span)]
            treatments = [_with_dates(row._asdict(), announced, clock) for row in blue.execute(select(treatment))]
        if treatments:
            green.execute(insert(treatment), treatments)
        for index in indexes:
            index.create(green)
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
        # Another edition may have given it other days: they are looked at again.
        following = known.next_change_on if known.edition_at == row["edition_at"] else known.announced_on + 1
        return row | {"announced_on": known.announced_on, "next_change_on": following}
    today = day_in(row["zone"], clock.now()).toordinal()
    return row | {"announced_on": today, "next_change_on": today + 1}


def _copy(blue: Connection, green: Connection, table: Table) -> int:
    """As they were written, which is nearly the order of the primary key."""
    driver: Any = blue.connection.driver_connection
    return copy_rows(green, table, driver.execute(str(select(table).compile(dialect=blue.dialect))))


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
