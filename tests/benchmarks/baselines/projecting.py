"""python -m tests.benchmarks.baselines.projecting ours|upsert|runner BOOTSTRAP DATABASE FACTS: one side, alone.

`ours` is the consumer from Kafka, all rules on, announcing. `upsert` reads the same topic and writes nothing but the
facts, in batches of what a poll brings. `runner` is the eventsourcing library's ProjectionRunner over its own log of
the same facts in the same PostgreSQL, with the same rules and rows, treatments kept in memory, and one transaction an
event. Prints what it did as JSON.
"""

import json
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Composed, Identifier, Placeholder
from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql

from services.monitoring.consumer import Consumer
from services.monitoring.editions import Editions
from services.monitoring.facts import FeedItem, read_item, to_fact
from services.monitoring.projector import Projected
from services.monitoring.projector.judging import judge, rewrite
from services.monitoring.projector.states import State, opened
from services.monitoring.rules.facts import Fact
from services.monitoring.store import announcements, checkpoints
from services.monitoring.store.spans import SpanChanges
from services.monitoring.store.tables import FOREVER, announcement, fact, roll_up_span
from services.monitoring.transport.kafka import KafkaTransport
from shared.clock import SystemClock
from shared.database import Database
from tests.benchmarks.baselines.stock import FactRecorded, Stock, environment
from tests.benchmarks.memory import own_peak
from tests.monitoring.stores import opened as opened_store
from tests.monitoring.stores import projector
from tests.scenario import EDITION

MINUTES = 60 * 60
Rows = list[dict[str, Any]]


def transport(bootstrap: str, database: Database) -> KafkaTransport:
    group = f"coursewatch.bench.{uuid.uuid4()}"
    return KafkaTransport(bootstrap, lambda source, parts: checkpoints.claim(database, source, parts), group=group)


def ours(bootstrap: str, database: Database, facts: int) -> float:
    seen = 0
    first: list[float] = []
    over = threading.Event()

    def projected(done: Projected) -> None:
        nonlocal seen
        seen += done.applied
        if seen >= facts:
            over.set()

    class Opened(KafkaTransport):
        """Starts the clock with the first poll: joining a consumer group takes seconds, once."""

        def poll(self, timeout: float) -> Any:
            found = super().poll(timeout)
            if found and not first:
                first.append(time.perf_counter())
            return found

    def open_transport() -> KafkaTransport:
        group = f"coursewatch.bench.{uuid.uuid4()}"
        return Opened(bootstrap, lambda source, parts: checkpoints.claim(database, source, parts), group=group)

    clock = SystemClock()
    consumer = Consumer(projector(database), open_transport, lambda *_: [], clock, projected)
    consumer.start()
    try:
        assert over.wait(MINUTES), f"only {seen} of {facts} facts were projected"
        return time.perf_counter() - first[0]
    finally:
        consumer.stop()


def upsert(bootstrap: str, database: Database, facts: int) -> float:
    from_kafka = transport(bootstrap, database)
    began, seen = 0.0, 0
    write = postgresql.insert(fact).on_conflict_do_nothing()
    while seen < facts:
        deliveries = from_kafka.poll(2)
        began = began or (time.perf_counter() if deliveries else 0.0)
        rows = [_fact_row(one.content, one.value) for one in deliveries if isinstance(one.content, FeedItem)]
        if rows:
            with database.write() as connection:
                connection.execute(write, rows)
            seen += len(rows)
    spent = time.perf_counter() - began
    from_kafka.close()
    return spent


def _fact_row(item: FeedItem, value: bytes) -> dict[str, Any]:
    return {
        "treatment": item.treatment,
        "version": item.version,
        "fact_id": item.fact_id,
        "position": item.position,
        "recorded_at": 0,
        "item": value,
    }


class View(PostgresTrackingRecorder):
    """The product's tables, written in one transaction with the tracking of the event."""

    def keep(
        self, tracking: Tracking, rows: Mapping[Table, list[dict[str, Any]]], closes: list[dict[str, Any]]
    ) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            for values in closes:
                cursor.execute(CLOSE, values, prepare=True)
            for table, found in rows.items():
                for row in found:
                    cursor.execute(INSERTS[table], row, prepare=True)


def _insert(table: Table) -> Composed:
    names = [column.name for column in table.c]
    return SQL("insert into {} ({}) values ({})").format(
        Identifier(table.name), SQL(", ").join(map(Identifier, names)), SQL(", ").join(map(Placeholder, names))
    )


INSERTS = {table: _insert(table) for table in (fact, roll_up_span, announcement)}
CLOSE = (
    "update roll_up_span set known_to = %(known_at)s, block = %(known_block)s"
    " where treatment = %(t)s and requirement = %(r)s and known_from = %(f)s and on_from = %(o)s"
)


class Rules(Projection[View]):
    """Judges as the product does; each event is one transaction, as the library's tutorial has it."""

    topics = ()

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.states: dict[str, State] = {}
        self.told = 0
        self.editions = Editions({EDITION.protocol: EDITION})

    def process_event(self, domain_event: FactRecorded, tracking: Tracking) -> None:
        value = domain_event.fact["item"].encode()
        item = read_item(value)
        assert isinstance(item, FeedItem)
        known = to_fact(item)
        assert isinstance(known, Fact)
        state = self.states.get(item.treatment) or opened(known, self.editions)
        judged = judge(EDITION, state, known, announce=True)
        changes = SpanChanges()
        rewrite(changes, state, judged, known)
        told = []
        for draft in judged.drafts:
            self.told += 1
            told.append(announcements.row("bench", self.told, draft))
        spans = [row for row in changes.inserts.values() if row["known_to"] == FOREVER]
        self._view.keep(
            tracking, {fact: [_fact_row(item, value)], roll_up_span: spans, announcement: told}, changes.closes
        )
        self.states[item.treatment] = judged.state


def runner(_bootstrap: str, database: str, facts: int) -> float:
    env = environment(database)
    began = time.perf_counter()
    with ProjectionRunner(application_class=Stock, projection_class=Rules, view_class=View, env=env) as running:
        running.wait(facts, timeout=MINUTES)
        return time.perf_counter() - began


def main() -> None:
    side, bootstrap, address, number = sys.argv[1:]
    facts = int(number)
    with opened_store(address) as database:
        if side == "runner":
            seconds = runner(bootstrap, address, facts)
        else:
            seconds = {"ours": ours, "upsert": upsert}[side](bootstrap, database, facts)
        with database.read() as connection:
            counts = [
                int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in (fact, roll_up_span)
            ]
    print(json.dumps({"seconds": seconds, "facts": counts[0], "spans": counts[1], "peak": own_peak()}))


if __name__ == "__main__":
    main()
