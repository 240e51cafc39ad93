"""What the monitoring service does without answering HTTP: consume, and the operator's mending."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from services.monitoring import mending
from services.monitoring.health import ConsumerHealth, no_consumer
from services.monitoring.measures import Measures
from services.monitoring.projector import Projector
from services.monitoring.reading.library import Library, open_library
from services.monitoring.reading.snapshot import snapshot
from services.monitoring.reading.waiting import waiting as waiting_treatments
from services.monitoring.rebuild import rebuild as build_anew
from services.monitoring.rules.summary import counted
from services.monitoring.running import NEWS, Running
from services.monitoring.set_aside import set_aside
from services.monitoring.settings import CONSUMER_PORT, Settings
from services.monitoring.store import workers
from services.monitoring.store.announcements import start_stream
from services.monitoring.store.editions import start
from services.monitoring.transport.feed import Feed
from shared.clock import Clock, ManualClock, SystemClock
from shared.database import Database, open_database
from shared.health_port import health_port
from shared.metrics import Metrics
from shared.news import Telling

# A consumer that stops while it holds the stream's row must not stop the others for long.
_CONSUMING = {"idle_in_transaction_session_timeout": "20s"}


def consume(settings: Settings) -> int:
    """Reads Kafka (or the feed, where there is no Kafka), projects, announces and publishes until told to stop."""
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stop.set())
    metrics = Metrics()
    with _opened(settings, _CONSUMING) as (database, library, clock):
        news = Telling(settings.database, NEWS)
        running = Running(database, settings, library.editions, clock, Measures(metrics), news.tell)
        health = ConsumerHealth(settings, database, clock, metrics, running)
        with health_port(settings.host, settings.consumer_port, CONSUMER_PORT, health.metrics, health.ready):
            try:
                lived = running.run(stop)
            finally:
                news.close()
                health.close()
    return 0 if lived else 1


def check(settings: Settings) -> int:
    """0 if some consumer gave a sign of life within the last seconds and nothing ails it, else 1 and why not."""
    database = open_database(settings.database, "monitoring", write=False)
    try:
        with database.read() as connection:
            wrong = no_consumer(workers.last_beat(connection))
    finally:
        database.close()
    if wrong:
        sys.stderr.write(f"Not healthy: {wrong}.\n")
    return 1 if wrong else 0


def waiting(settings: Settings) -> int:
    """Lists what waits for an operator; 1 if there is anything."""
    database = open_database(settings.database, "monitoring", write=False)
    try:
        with snapshot(database) as connection:
            found = set_aside(connection)
    finally:
        database.close()
    if found.log:
        _say(f"The log: {found.log}.")
    _say(f"{counted(found.parked_treatments, 'parked treatment')}, {counted(found.unread_letters, 'dead letter')}.")
    for one in found.parked:
        _say(f"  parked  {one.treatment}  {one.reason} at version {one.version}, since {one.since}")
    for letter in found.dead_letters:
        where = f"{letter.source} {letter.partition}:{letter.position}"
        _say(f"  letter {letter.id}  {where}, {letter.received_at}: {letter.reason}")
    return 1 if found.log or found.parked_treatments or found.unread_letters else 0


def rebuild(settings: Settings) -> int:
    """Builds the projection anew from the log, beside the old one; raises TransportError, with nothing changed."""
    with _opened(settings) as (database, library, clock):
        try:
            built = build_anew(database, settings.course_url, library.editions, clock, _show)
        finally:
            sys.stderr.write("\n")
    _say(
        f"The projection was built anew: {counted(built.treatments, 'treatment')} from {counted(built.facts, 'fact')}."
    )
    return 0


def redrive(settings: Settings) -> int:
    feed = Feed(settings.course_url)
    try:
        with _opened(settings) as (database, library, clock):
            done = mending.redrive(_projector(settings, database, library, clock), clock, feed.treatment)
    finally:
        feed.close()
    others = (
        f"Lacking nothing that the log has: {done.lacking_nothing}."
        if done.asked
        else "The course service could not be asked what the others lack."
    )
    _say(f"Read now: {counted(done.read, 'dead letter')}. {others} Still unread: {done.remaining}.")
    return 0


def dismiss(settings: Settings, letter: int) -> int:
    with _opened(settings) as (database, _, clock):
        was_there = mending.dismiss(database, letter, clock)
    _say(f"Dead letter {letter} is put away." if was_there else f"No dead letter {letter} waits.")
    return 0 if was_there else 1


def unpark(settings: Settings, treatment: UUID) -> int:
    """Raises TransportError where the course service does not answer."""
    feed = Feed(settings.course_url)
    try:
        with _opened(settings) as (database, library, clock):
            projector = _projector(settings, database, library, clock)
            done = mending.unpark(projector, str(treatment), feed.treatment)
            with database.read() as connection:
                waits = str(treatment) in waiting_treatments(connection)
    finally:
        feed.close()
    facts = counted(done.applied, "fact")
    _say(f"The treatment was projected anew from {facts}{', and is parked again' if waits else ''}.")
    return 1 if waits else 0


@contextmanager
def _opened(
    settings: Settings, postgresql: Mapping[str, str] | None = None
) -> Iterator[tuple[Database, Library, Clock]]:
    clock: Clock = ManualClock() if settings.clock == "manual" else SystemClock()
    library = open_library(settings.profile, clock)
    database = open_database(settings.database, "monitoring", settings=postgresql)
    try:
        with database.write() as connection:
            start_stream(connection)
            start(connection, library.editions)
        yield database, library, clock
    finally:
        database.close()


def _projector(settings: Settings, database: Database, library: Library, clock: Clock) -> Projector:
    return Projector(database, library.editions, clock, publish=settings.kafka is not None)


def _show(done: int, of: int) -> None:
    """A bar of 40 on the terminal's last line."""
    share = done / of if of else 1.0
    sys.stderr.write(f"\r[{'#' * int(40 * share):<40}] {done} of {of} facts")
    sys.stderr.flush()


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
