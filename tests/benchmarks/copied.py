"""A large cohort in little time: some hundred patients judged by the real rules, then copied under new ids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Table, func, insert, literal, select, text

from services.monitoring.catalogue import load
from services.monitoring.facts import micros_of, read_item
from services.monitoring.projector import Advance, Projector
from services.monitoring.reading.clocks import from_microseconds
from services.monitoring.store import checkpoints, tables
from services.monitoring.transport.feed import SOURCE
from services.monitoring.transport.seam import Delivery, Mark
from shared.clock import ManualClock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database
from tests.benchmarks.patients import log

ORIGINALS = 200
WITH_FACTS = 12  # copies whose facts are copied too: those that a page may show in full
_EDITION = load("alemtuzumab-ms", "us")
_BATCH = 2_000
_PREFIX = 8  # hexadecimal digits of a treatment's id that number its copy


@dataclass(frozen=True)
class Copied:
    """What was made, and the last instant at which anything was recorded."""

    treatments: int
    spans: int
    last: datetime

    @property
    def today(self) -> date:
        return self.last.date()


def fill(store: Database, patients: int, facts_each: int, seed: int, say: Callable[[str], None]) -> Copied:
    """`facts_each` is an average; the log of all originals is cut at one instant."""
    originals = min(ORIGINALS, patients)
    last = _project(store, originals, facts_each * originals, seed)
    with store.write() as connection:
        _rename(connection)
    copies = patients // originals
    with store.write() as connection:  # made anew when all rows are there
        for index in tables.roll_up_span.indexes:
            index.drop(connection)
    for number in range(1, copies):
        with store.write() as connection:
            for table in (tables.treatment, tables.roll_up_span, *([tables.fact] if number < WITH_FACTS else [])):
                _copy(connection, table, number)
        if number % 50 == 0:
            say(f"{number * originals} of {patients} patients are there")
    with store.write() as connection:
        for index in tables.roll_up_span.indexes:
            index.create(connection)
    with store.read() as connection:
        counted = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.treatment, tables.roll_up_span)
        ]
    return Copied(counted[0], counted[1], last)


def _project(store: Database, originals: int, facts: int, seed: int) -> datetime:
    projector = Projector(store, {_EDITION.protocol: _EDITION}, ManualClock(), announce=False)
    checkpoints.claim(store, SOURCE, [0])
    held = checkpoints.Checkpoint(0, 0)
    deliveries: list[Delivery] = []
    for value in log(originals, seed, facts):
        item = read_item(value)
        assert isinstance(item, FeedItem)
        deliveries.append(Delivery(Mark(0, item.position), None, value, item))
        if len(deliveries) == _BATCH or item.position == facts:
            new = checkpoints.Checkpoint(item.position, micros_of(item.recorded_at))
            projector.project(deliveries, Advance(SOURCE, {0: held}, {0: new}))
            held, deliveries = new, []
    return from_microseconds(held.known_through).astimezone(UTC)


def _rename(connection: Connection) -> None:
    """Numbers the originals as copy 0."""
    for table in (tables.treatment, tables.roll_up_span, tables.fact):
        number = "0" * _PREFIX
        connection.execute(
            table.update().values(treatment=literal(number) + func.substr(table.c.treatment, _PREFIX + 1))
        )


def _copy(connection: Connection, table: Table, number: int) -> None:
    made: dict[str, object] = {
        "treatment": literal(f"{number:0{_PREFIX}x}") + func.substr(table.c.treatment, _PREFIX + 1)
    }
    if "fact_id" in table.c:
        made["fact_id"] = literal(f"{number:0{_PREFIX}x}") + func.substr(table.c.fact_id, _PREFIX + 1)
    columns = [made.get(column.name, column) for column in table.c]
    originals = select(*columns).where(table.c.treatment < "0" * (_PREFIX - 1) + "1")  # type: ignore[call-overload]  # columns of any type
    connection.execute(insert(table).from_select([column.name for column in table.c], originals))


def settle(store: Database) -> None:
    """What PostgreSQL's own maintenance would have done by the next morning; SQLite has none."""
    if store.sqlite:
        return
    with store.reader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))
