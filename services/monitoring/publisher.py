"""The outbox -> Kafka: every announcement in its order, and the compacted snapshot of each treatment that changed.

An announcement is its own outbox: a cursor says how far they are sent. A crash after sending and before the cursor
moves sends again; `ce_id` lets a reader skip what it has. A topic that was made anew, as when Kafka was wiped, gets
everything again: each announcement that is kept, and a snapshot of each treatment.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Connection, delete, select

from services.monitoring.editions import Editions
from services.monitoring.facts import micros, utc_text
from services.monitoring.projector.states import day_in
from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.spans import answer
from services.monitoring.store import published
from services.monitoring.store.announcements import lock_stream
from services.monitoring.store.editions import refresh
from services.monitoring.store.progress import stream_head
from services.monitoring.store.spans import to_span
from services.monitoring.store.tables import (
    FOREVER,
    announcement,
    roll_up_span,
    snapshot_outbox,
    treatment,
)
from services.monitoring.transport.topics import Topic
from services.monitoring.working import Working
from shared.clock import Clock
from shared.database import UNAVAILABLE, Database

CHANGES = "coursewatch.monitoring.obligation-changes.v1"
SNAPSHOTS = "coursewatch.monitoring.treatment-obligations.v1"
_BATCH = 500
_SECONDS_TO_SEND = 20
_EVERY = 0.5  # seconds between two looks
_log = logging.getLogger(__name__)


class Snapshot(msgspec.Struct, frozen=True):
    """One treatment as it stands on `on`: the value of the compacted topic; `obligations` are worklist rows."""

    treatment: str
    version: int
    protocol: str
    site: str
    zone: str
    on: date
    known_at: str
    edition: str | None
    obligations: tuple[RollUp, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One record to send."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Publisher(Working):
    """One thread with one producer, made anew after whatever broke."""

    def __init__(self, database: Database, bootstrap: str, editions: Mapping[str, Edition], clock: Clock) -> None:
        super().__init__("publisher", _SECONDS_TO_SEND + 5)
        self._database = database
        self._bootstrap = bootstrap
        self._editions = Editions.of(editions)
        self._clock = clock

    def refill(self, topics: Sequence[Topic]) -> None:
        """Of topics that were made anew since this was asked last, everything is to be sent again."""
        with self._database.write() as connection:
            stream = lock_stream(connection).name
            for topic in topics:
                if not published.is_another(connection, topic.name, topic.id):
                    continue
                _log.warning("The topic %s was made anew and is filled again.", topic.name)
                if topic.name == CHANGES:
                    published.send_all_announcements(connection, stream)
                else:
                    published.send_all_snapshots(connection)

    def publish(self, producer: KafkaProducer) -> int:
        """Sends one batch of each kind; marks them sent only after every single future has succeeded."""
        return self._changes(producer) + self._snapshots(producer)

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                self._round()
            except (KafkaError, *UNAVAILABLE) as error:
                _log.warning("The publisher begins again: %s.", type(error).__name__)
            except Exception:  # a defect of ours must be loud, and what is not sent stays in the outbox
                _log.exception("The publisher failed and begins again.")
            self._stop.wait(2)

    def _round(self) -> None:
        with ExitStack() as stack:
            topics = [stack.enter_context(closing(Topic(self._bootstrap, name))) for name in (CHANGES, SNAPSHOTS)]
            self.refill(topics)
            producer = make_producer(self._bootstrap)
            stack.callback(producer.close, timeout=5)
            while not self._stop.is_set():
                for topic in topics:
                    topic.look()
                if not self.publish(producer):
                    self._stop.wait(_EVERY)

    def _changes(self, producer: KafkaProducer) -> int:
        with self._database.read() as connection:
            head = stream_head(connection)
            sent = published.reached(connection, head.name)
            query = (
                select(announcement)
                .where(announcement.c.stream == head.name, announcement.c.n > (sent or 0))
                .order_by(announcement.c.n)
                .limit(_BATCH)
            )
            rows = connection.execute(query).all()
        if not rows:
            return 0
        _send(
            producer,
            [
                _message(
                    CHANGES,
                    row.treatment,
                    row.payload.encode(),
                    f"{row.stream}-{row.n}",
                    f"org.coursewatch.monitoring.obligation-{row.kind}.v1",
                    row.known_at,
                    _TRACED.decode(row.payload).traceparent,
                )
                for row in rows
            ],
        )
        with self._database.write() as connection:
            lock_stream(connection)
            published.move(connection, head.name, rows[-1].n)
        return len(rows)

    def _snapshots(self, producer: KafkaProducer) -> int:
        now = self._clock.now()
        with self._database.read() as connection:
            query = select(snapshot_outbox).order_by(snapshot_outbox.c.treatment).limit(_BATCH)
            marks = connection.execute(query).all()
            refresh(connection, self._editions)
            found = [self._snapshot(connection, mark.treatment) for mark in marks]
        _send(
            producer,
            [
                _message(
                    SNAPSHOTS,
                    one.treatment,
                    msgspec.json.encode(one),
                    f"{one.treatment}-{one.version}-{one.on.isoformat()}",
                    "org.coursewatch.monitoring.treatment-obligations.v1",
                    micros(now),
                )
                for one in found
                if one is not None
            ],
        )
        if marks:
            with self._database.write() as connection:
                lock_stream(connection)
                for mark in marks:
                    # Changed again while it was sent: the mark stays for the next round.
                    same = (snapshot_outbox.c.treatment == mark.treatment) & (snapshot_outbox.c.change == mark.change)
                    connection.execute(delete(snapshot_outbox).where(same))
        return len(marks)

    def _snapshot(self, connection: Connection, name: str) -> Snapshot | None:
        row = connection.execute(select(treatment).where(treatment.c.treatment == name)).one_or_none()
        if row is None:
            return None
        now = self._clock.now()
        on = day_in(row.zone, now)
        edition = self._editions.at(row.protocol, row.edition_at)
        query = (
            select(roll_up_span)
            .where(
                roll_up_span.c.treatment == name,
                roll_up_span.c.known_to == FOREVER,
                roll_up_span.c.on_from <= on.toordinal(),
                roll_up_span.c.on_to > on.toordinal(),
            )
            .order_by(roll_up_span.c.requirement)
        )
        spans = connection.execute(query).all() if edition is not None else []
        return Snapshot(
            treatment=name,
            version=row.version,
            protocol=row.protocol,
            site=row.site,
            zone=row.zone,
            on=on,
            known_at=utc_text(micros(now)),
            edition=None if edition is None else edition.name,
            obligations=tuple(answer(edition, to_span(span), name, on) for span in spans if edition is not None),
        )


def make_producer(bootstrap: str) -> KafkaProducer:
    """Acknowledged by all copies, in order, without doubles within a session (traps.md is the source of each value)."""
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_block_ms=5_000,
        request_timeout_ms=5_000,
        delivery_timeout_ms=15_000,
        reconnect_backoff_max_ms=500,
    )


def _send(producer: KafkaProducer, messages: Sequence[Message]) -> None:
    futures = [
        producer.send(message.topic, key=message.key, value=message.value, headers=message.headers)
        for message in messages
    ]
    # `flush()` returns normally even when every message failed.
    for future in futures:
        future.get(timeout=_SECONDS_TO_SEND)


class _Traced(msgspec.Struct):
    traceparent: str | None = None


_TRACED = msgspec.json.Decoder(_Traced)


def _message(
    topic: str, key: str, value: bytes, identity: str, kind: str, at: int, traceparent: str | None = None
) -> Message:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": identity,
        "ce_type": kind,
        "ce_source": "/monitoring",
        "ce_subject": key,
        "ce_time": utc_text(at),
        "ce_partitionkey": key,
        "content-type": "application/json",
    }
    if traceparent is not None:
        headers["traceparent"] = traceparent
    return Message(topic, key.encode(), value, [(name, text.encode()) for name, text in headers.items()])
