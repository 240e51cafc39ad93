"""Facts that were read already, put into a store by this very process: by the ledger, by the library, and barely."""

import asyncio
import time
from collections.abc import Sequence
from hashlib import sha256
from types import TracebackType
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import create_engine, make_url, text

from services.course.application import Ledger
from services.course.domain.outcome import Stored
from services.course.domain.submission import Identifier, Opening, Submission
from services.course.ingest.facts import Envelope, read_item
from shared.clock import SystemClock
from shared.database import open_database
from tests.benchmarks import samples
from tests.benchmarks.baselines.stock import stock
from tests.benchmarks.counting import rows_of

A_TRANSACTION = 500  # facts, as the ledger does it
EVENT = "position, treatment, version, topic, state, fact_id, recorded_at"
MESSAGE = "sender, key, content_hash, received, position"


class Side:
    """A context manager; each `turn` puts as many facts and returns how many a second."""

    def __init__(self, database: str, targets: Sequence[str], facts: int) -> None:
        self.database = database
        self.targets = list(targets)
        self.facts = facts
        self.put = 0

    def __enter__(self) -> "Any":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None: ...

    def _read(self) -> list[Submission]:
        lines = samples.lines(self.put, self.facts, self.targets).split(b"\n")
        self.put += self.facts
        return [read_item(line, index, Envelope("local")) for index, line in enumerate(lines)]


class LedgerSide(Side):
    """Ours: decided, hashed, and kept with the bytes in the append transaction."""

    def __init__(self, database: str, targets: Sequence[str], facts: int) -> None:
        super().__init__(database, targets, facts)
        self._ledger = Ledger.open(database, SystemClock())
        opened = asyncio.run(self._open(len(targets)))
        self.targets = [str(treatment) for treatment in opened]
        self.opened = len(opened)

    async def _open(self, count: int) -> list[UUID]:
        openings = [
            Opening(sender="local", identifier=Identifier("urn:example:mrn", str(n)), zone="Europe/Berlin")
            for n in range(count)
        ]
        return [one.treatment for one in await asyncio.gather(*map(self._ledger.open_treatment, openings))]

    def turn(self) -> float:
        return asyncio.run(self._record(self._read()))

    async def _record(self, facts: list[Submission]) -> float:
        parts = [facts[start : start + A_TRANSACTION] for start in range(0, len(facts), A_TRANSACTION)]
        began = time.perf_counter()
        answers = await asyncio.gather(*map(self._ledger.record, parts))
        took = time.perf_counter() - began
        stored = [one for each in answers for one in each if isinstance(one, Stored) and not one.replayed]
        assert len(stored) == len(facts)
        return len(facts) / took

    def wrong(self) -> list[str]:
        stored = rows_of(self.database, "message")
        return [] if stored == self.put else [f"The ledger keeps {stored} messages of {self.put}."]

    def close(self) -> None:
        self._ledger.close()


class SaveSide(Side):
    """The library's: `save` of a few at a time."""

    def __init__(self, database: str, targets: Sequence[str], facts: int, saved: int) -> None:
        super().__init__(database, targets, facts)
        self._saved = saved
        self._application = stock(database)

    def turn(self) -> float:
        facts = self._read()
        began = time.perf_counter()
        for start in range(0, len(facts), self._saved):
            self._application.record(facts[start : start + self._saved])
        return len(facts) / (time.perf_counter() - began)

    def wrong(self) -> list[str]:
        stored = rows_of(self.database, "stock_events")
        return [] if stored == self.put else [f"The library keeps {stored} events of {self.put}."]

    def close(self) -> None:
        self._application.close()


class BareInserts(Side):
    """The rows of the ledger's first turn into tables of the same definition, with nothing decided or looked up."""

    def __init__(self, database: str, like: LedgerSide) -> None:
        super().__init__(database, like.targets, like.facts)
        open_database(database, "course").close()  # makes the tables
        self._like = like
        self._connection = psycopg.connect(make_url(database).set(drivername="postgresql").render_as_string(False))
        self._turns = 0
        self._rows: tuple[list[Any], list[Any]] | None = None

    def turn(self) -> float:
        events, messages = self._next()
        event = f"insert into event ({EVENT}) values (%s, %s, %s, %s, %s, %s, %s)"
        message = f"insert into message ({MESSAGE}) values (%s, %s, %s, %s, %s)"
        began = time.perf_counter()
        with self._connection.cursor() as cursor:
            for start in range(0, len(events), A_TRANSACTION):
                cursor.executemany(event, events[start : start + A_TRANSACTION])
                cursor.executemany(message, messages[start : start + A_TRANSACTION])
                self._connection.commit()
        self.put += len(events)
        return len(events) / (time.perf_counter() - began)

    def _next(self) -> tuple[list[Any], list[Any]]:
        """The rows moved on: positions, versions and keys as they would be in a log that grows."""
        if self._rows is None:
            self._rows = self._written()
        moved = self._turns * self.facts
        self._turns += 1
        again = str(self._turns).encode()
        events = [(row[0] + moved, row[1], row[2] + moved, *row[3:]) for row in self._rows[0]]
        messages = [(row[0], sha256(row[1] + again).digest(), row[2], row[3], row[4] + moved) for row in self._rows[1]]
        return events, messages

    def _written(self) -> tuple[list[Any], list[Any]]:
        if not self._like.put:
            self._like.turn()
        engine = create_engine(self._like.database)
        first = {"after": self._like.opened, "count": self.facts}
        where = "where position > :after order by position limit :count"
        with engine.connect() as connection:
            read = [
                [tuple(row) for row in connection.execute(text(f"select {columns} from {table} {where}"), first)]
                for table, columns in (("event", EVENT), ("message", MESSAGE))
            ]
        engine.dispose()
        return read[0], read[1]

    def wrong(self) -> list[str]:
        stored = rows_of(self.database, "message")
        return [] if stored == self.put else [f"{stored} messages of {self.put} were inserted."]

    def close(self) -> None:
        self._connection.close()
