"""The log to Kafka: one active relay, every send checked before the checkpoint moves, and a watermark each second."""

import asyncio
import logging
import signal
import threading
import time

from kafka.errors import KafkaError
from sqlalchemy import Engine, exc, make_url

from services.course.application import NEWS, Ledger, StoreUnavailable
from services.course.lease import Lease, LeaseLost, beats, lease_engine
from services.course.publishing import Publisher, last_position, make_topics
from services.course.relay_state import RelayState
from services.course.settings import RELAY_PORT, Settings
from shared.clock import ManualClock, SystemClock
from shared.contracts.v1.feed import Watermark
from shared.health_port import health_port
from shared.metrics import Metrics
from shared.news import Listening

_log = logging.getLogger(__name__)

BATCH = 500
WATERMARK_EVERY = 1.0  # seconds
PAUSE = 1.0  # seconds, before the lease or a broken connection is tried again
_LOST = (KafkaError, LeaseLost, StoreUnavailable, exc.DBAPIError)


class RelayError(Exception):
    """Why the relay can't run at all; the text is a sentence for the operator."""


def run(settings: Settings, start_after: int | None = None) -> int:
    """Relays until SIGINT or SIGTERM. `start_after` sends everything after that position once more."""
    bootstrap, url = _required(settings)
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stop.set())
    # Under the manual clock nothing is known to have been recorded later than the last fact.
    ledger = Ledger.open(url, ManualClock() if settings.clock == "manual" else SystemClock())
    engine = lease_engine(url)
    state = RelayState(Metrics())

    def metrics() -> bytes:
        try:
            return state.text(asyncio.run(ledger.measures()))
        except StoreUnavailable:
            return state.text([])

    try:
        with (
            health_port(settings.host, settings.relay_port, RELAY_PORT, metrics, state.ready),
            Listening(url, NEWS, ledger.look),
            asyncio.Runner() as runner,
        ):
            relay = Relay(ledger, runner, engine, bootstrap, start_after, state)
            while not stop.is_set():
                relay.serve(stop)
    finally:
        engine.dispose()
        ledger.close()
    return 0


def is_alive(settings: Settings) -> bool:
    """Whether a relay is at work on this log, here or elsewhere."""
    _, url = _required(settings)
    engine = lease_engine(url)
    try:
        return beats(engine)
    except exc.DBAPIError:
        return False
    finally:
        engine.dispose()


def _required(settings: Settings) -> tuple[str, str]:
    if settings.kafka is None:
        raise RelayError("The relay needs to know where Kafka is: set COURSEWATCH_KAFKA, such as 127.0.0.1:9092.")
    if make_url(settings.database).get_backend_name() != "postgresql":
        raise RelayError(
            "The relay needs a log in PostgreSQL, because a SQLite file has room for one process alone. "
            "Set COURSEWATCH_COURSE_DB, such as postgresql://user@host/name."
        )
    return settings.kafka, settings.database


class Relay:
    """Takes the lease, sends, and begins again after whatever broke."""

    def __init__(
        self,
        ledger: Ledger,
        runner: asyncio.Runner,
        engine: Engine,
        bootstrap: str,
        start_after: int | None,
        state: RelayState | None = None,
    ) -> None:
        self._ledger, self._runner, self._engine = ledger, runner, engine
        self._state = state or RelayState(Metrics())
        self._bootstrap = bootstrap
        self._start_after = start_after

    def serve(self, stop: threading.Event) -> None:
        """One term: until stopped, or until Kafka, the store or the lease is lost."""
        try:
            topic_id = make_topics(self._bootstrap)
            lease = Lease.take(self._engine, topic_id)
            if lease is None:
                self._state.works("standing by")
                stop.wait(PAUSE)
                return
            with lease:
                self._compare(lease)
                self._send_all(lease, topic_id, stop)
        except _LOST as error:
            _log.warning("The relay begins again: %s.", type(error).__name__)
            self._state.broke(f"the relay begins again ({type(error).__name__})")
            stop.wait(PAUSE)

    def _compare(self, lease: Lease) -> None:
        """Kafka must not have been told of more than the log has: else an older log was restored.

        Where the checkpoint itself lies beyond the log's end, all of it is sent anew: what the log went on with would
        else be left out up to that position. Readers skip the facts they have, and park those that differ.
        """
        head = self._runner.run(self._ledger.head()).position
        told = max(lease.position, last_position(self._bootstrap))
        if told <= head:
            self._state.alarm(None)
            return
        sentence = (
            f"Kafka was told of position {told}, and the course log ends at {head}: an older log was restored "
            "(docs/runbooks/fork.md)"
        )
        _log.error("ALARM %s.", sentence)
        self._state.alarm(sentence)
        if lease.position > head:
            lease.move(0)

    def _send_all(self, lease: Lease, topic_id: str, stop: threading.Event) -> None:
        if self._start_after is not None:
            head = self._runner.run(self._ledger.head()).position
            lease.move(min(self._start_after, head))
            self._start_after = None
        publisher = Publisher(self._bootstrap, topic_id)
        try:
            marked = 0.0
            while not stop.is_set():
                through = self._step(publisher, lease)
                if time.monotonic() - marked >= WATERMARK_EVERY:
                    if through is not None:
                        publisher.watermark(Watermark(lease.position, through))
                    lease.move(lease.position)  # also the sign of life, on an empty log too
                    marked = time.monotonic()
        finally:
            publisher.close()

    def _step(self, publisher: Publisher, lease: Lease) -> str | None:
        """Sends what is new, or waits up to a second for it; returns until when everything recorded has been sent."""
        entries = self._runner.run(self._ledger.log(lease.position, BATCH))
        if not entries:
            page = self._runner.run(self._ledger.feed(lease.position, limit=1, wait=WATERMARK_EVERY))
            if page.head < lease.position:
                self._compare(lease)
                return None
            self._state.works("sending")
            return None if page.events else page.recorded_through
        publisher.facts(entries)
        last = entries[-1].item
        lease.move(last.position)
        self._state.works("sending", len(entries))
        return last.recorded_at
