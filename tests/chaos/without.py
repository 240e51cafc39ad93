"""The protections that negative controls take away, each patched into a part before its start; never in the product.

`quick_group` takes nothing away: it only lets Kafka give up a killed consumer within two seconds instead of ten.
"""

import asyncio
import os
import time
from typing import Any

from msgspec import structs

from services.course import publishing, relay
from services.course.persistence import appender, recording
from services.monitoring import witness as looked
from services.monitoring.api import app, event_stream, state
from services.monitoring.projector import projector
from services.monitoring.projector.batch import Batch
from services.monitoring.projector.parking import Parking
from services.monitoring.store import checkpoints
from services.monitoring.transport import kafka
from shared import database, serving
from shared.contracts.v1.feed import FeedItem

HOLE = 0.1
"""Seconds between two steps that a kill shall come between."""


def idempotency() -> None:
    """The course service meets every message for the first time."""
    row = recording._message_row

    def unknown(new: Any) -> Any:
        return row(new)._replace(key=os.urandom(32))

    recording._message_row = unknown


def slow_answers() -> None:
    """Takes nothing away: a course service that is killed has mostly just stored what it did not yet answer."""
    deliver = appender.deliver

    def slow(answered: Any) -> None:
        time.sleep(HOLE)
        deliver(answered)

    appender.deliver = slow


def acknowledgement() -> None:
    """The relay moves its checkpoint before Kafka has the facts."""

    def step(self: relay.Relay, publisher: publishing.Publisher, lease: Any) -> str | None:
        entries = self._runner.run(self._ledger.log(lease.position, relay.BATCH))
        if not entries:
            page = self._runner.run(self._ledger.feed(lease.position, limit=1, wait=relay.WATERMARK_EVERY))
            return None if page.events else page.recorded_through
        lease.move(entries[-1].item.position)
        time.sleep(HOLE)
        publisher.facts(entries)
        return str(entries[-1].item.recorded_at)

    relay.Relay._step = step  # type: ignore[method-assign] # a control takes it away


def slow_checkpoint() -> None:
    """Takes nothing away: a relay that is killed has mostly just sent what it did not yet write down as sent."""
    facts = publishing.Publisher.facts

    def slow(self: publishing.Publisher, entries: Any) -> None:
        facts(self, entries)
        time.sleep(HOLE)

    publishing.Publisher.facts = slow  # type: ignore[method-assign] # it waits, and does the same


def acks() -> None:
    """The relay neither asks Kafka to acknowledge nor looks whether it did."""
    make = publishing.KafkaProducer

    def careless(**settings: Any) -> Any:
        return make(**{**settings, "acks": 0, "enable_idempotence": False})

    def send(self: publishing.Publisher, messages: Any) -> None:
        for (key, value, headers), partition in messages:
            self._producer.send(publishing.TOPIC, key=key, value=value, headers=headers, partition=partition)

    publishing.KafkaProducer = careless
    publishing.Publisher._send = send  # type: ignore[method-assign] # a control takes it away


def dedupe() -> None:
    """The consumer takes everything that is delivered for something new."""

    def receive(self: Batch, item: FeedItem, value: bytes) -> None:
        state = self.touched.get(item.treatment)
        last = 0 if state is None else state.version
        if state is not None or item.version == 1:
            self._applied(structs.replace(item, version=last + 1), value)
        else:
            self.parking.hold(item, value, "gap")

    Batch.receive = receive  # type: ignore[method-assign] # a control takes it away


def one_transaction() -> None:
    """The projection's checkpoint moves in a transaction of its own, a moment after the effect."""
    project = projector.Projector.project

    def twice(self: projector.Projector, deliveries: Any, advance: Any = None, **how: Any) -> Any:
        done = project(self, deliveries, None, **how)
        time.sleep(HOLE)
        if advance is not None:
            with self.database.write() as connection:
                checkpoints.advance(connection, advance.source, advance.old, advance.new)
        return done

    projector.Projector.project = twice  # type: ignore[method-assign] # a control takes it away
    dedupe()


def durability_check() -> None:
    """The services start on a PostgreSQL that does not keep what it has committed."""
    database._DURABLE = ("fsync",)


def quick_group() -> None:
    make = kafka.KafkaConsumer

    def quick(**settings: Any) -> Any:
        return make(**{**settings, "session_timeout_ms": 2000, "heartbeat_interval_ms": 300})

    kafka.KafkaConsumer = quick


def bound() -> None:
    """The stream piles up what a listener has not taken, and drops nobody."""

    async def send_all(self: event_stream.EventStream, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        piled: asyncio.Queue[bytes] = asyncio.Queue()

        async def pile() -> None:
            async for frame in self._frames:
                piled.put_nowait(frame)

        piling = asyncio.ensure_future(pile())
        try:
            while True:
                await send({"type": "http.response.body", "body": await piled.get(), "more_body": True})
        finally:
            piling.cancel()
            await asyncio.gather(piling, return_exceptions=True)

    event_stream.EventStream._send_all = send_all  # type: ignore[method-assign] # a control takes it away
    serving._bound = lambda _: None


def quick_stall() -> None:
    """Takes nothing away: a listener of the stream is only given up after seconds instead of half a minute and one."""
    serving.STUCK = 2
    app.Pace = lambda: state.Pace(stall=1.0)  # type: ignore[misc, assignment] # the default of a short run


def witness() -> None:
    """Monitoring does not look whether the log is the one it read, and skips a version it has, whatever it is."""
    looked.Witness.look = lambda *_: None  # type: ignore[method-assign] # a control takes it away
    hold = Parking.hold

    def gaps_only(self: Parking, item: FeedItem, value: bytes, reason: Any) -> None:
        if reason != "fork":
            hold(self, item, value, reason)

    Parking.hold = gaps_only  # type: ignore[method-assign] # a control takes it away
