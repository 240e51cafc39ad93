"""What the monitoring service does without answering HTTP: consume, and the operator's mending."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from services.monitoring import mending
from services.monitoring.projector import Projector
from services.monitoring.reading.library import Library, open_library
from services.monitoring.running import Running
from services.monitoring.settings import Settings
from services.monitoring.store.announcements import start_stream
from services.monitoring.transport.feed import Feed
from shared.clock import Clock, ManualClock, SystemClock
from shared.database import Database, open_database


def consume(settings: Settings) -> int:
    """Reads Kafka (or the feed, where there is no Kafka), projects, announces and publishes until told to stop."""
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stop.set())
    with _opened(settings) as (database, library, clock):
        running = Running(database, settings, library.editions, clock)
        running.start()
        stop.wait()
        running.stop()
    return 0


def redrive(settings: Settings) -> int:
    with _opened(settings) as (database, library, clock):
        done = mending.redrive(_projector(settings, database, library, clock), clock)
    _say(f"{done.resolved} dead letters were read now; {done.remaining} still can't be.")
    return 0


def unpark(settings: Settings, treatment: UUID) -> int:
    """Raises TransportError where the course service does not answer."""
    feed = Feed(settings.course_url)
    try:
        with _opened(settings) as (database, library, clock):
            projector = _projector(settings, database, library, clock)
            done = mending.unpark(projector, str(treatment), feed.treatment)
    finally:
        feed.close()
    _say(f"The treatment was projected anew from {done.applied} facts.")
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Database, Library, Clock]]:
    clock: Clock = ManualClock() if settings.clock == "manual" else SystemClock()
    library = open_library(settings.profile, clock)
    database = open_database(settings.database, "monitoring")
    try:
        with database.write() as connection:
            start_stream(connection)
        yield database, library, clock
    finally:
        database.close()


def _projector(settings: Settings, database: Database, library: Library, clock: Clock) -> Projector:
    return Projector(database, library.editions, clock, publish=settings.kafka is not None)


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
