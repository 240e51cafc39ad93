"""What the application does beside answering: reading the log, announcing dates, and knowing how far it is.

Embedded, this process does it all; otherwise `monitoring consume` reads and announces, and this one only looks.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from services.monitoring.health import Health
from services.monitoring.measures import Measures
from services.monitoring.projector import Projector
from services.monitoring.reading.answering import projected_through
from services.monitoring.reading.clocks import from_microseconds
from services.monitoring.reading.library import Library
from services.monitoring.running import NEWS, Running
from services.monitoring.settings import Settings
from services.monitoring.transport.feed import Feed
from services.monitoring.transport.seam import TransportError
from shared.clock import Clock
from shared.database import Database
from shared.metrics import Metrics
from shared.news import Listening
from shared.texts import read_instant

log = logging.getLogger(__name__)
CATCH_UP: Final = 5.0  # seconds that a moved clock waits for what is recorded and not yet projected
_LOOK_AGAIN: Final = 0.05  # seconds


class Background:
    """Blocking; `told` is called from its threads after anything was projected or announced."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        library: Library,
        clock: Clock,
        metrics: Metrics,
        told: Callable[[], None],
    ) -> None:
        self._database = database
        self._feed = Feed(settings.course_url)
        measures = Measures(metrics)
        publish = settings.kafka is not None
        self._projector = Projector(database, library.editions, clock, publish=publish, told=measures.told)
        embedded = settings.embedded
        self._running = Running(database, settings, library.editions, clock, measures, told) if embedded else None
        self._news = None if embedded else Listening(settings.database, NEWS, told)
        self.health = Health(settings, database, clock, self._running)

    def start(self) -> None:
        if self._running:
            self._running.start()

    def stop(self) -> None:
        if self._running:
            self._running.stop()
        if self._news:
            self._news.close()
        self.health.close()
        self._feed.close()

    def announce(self, now: datetime) -> None:
        """Tells all that the dates brought until `now`, after what was recorded before, if that arrives in time."""
        end = time.monotonic() + CATCH_UP
        try:
            recorded = self._recorded_through()
            while recorded and self._late(recorded) and time.monotonic() < end:
                time.sleep(_LOOK_AGAIN)
        except TransportError as error:
            log.warning("The clock was moved without knowing what is recorded: %s.", error)
        self._projector.follow_editions()
        if self._projector.dates_wait(now):
            self._projector.run_dates(now)

    def _late(self, recorded: datetime) -> bool:
        projected = self._projected_through()
        return projected is None or projected < recorded

    def _projected_through(self) -> datetime | None:
        with self._database.read() as connection:
            reached, _ = projected_through(connection)
        return None if reached is None else from_microseconds(reached)

    def _recorded_through(self) -> datetime | None:
        head = self._feed.page(after=0, limit=1).head
        if head == 0:
            return None
        through = self._feed.page(after=head - 1, limit=1).recorded_through
        return None if through is None else read_instant(through)
