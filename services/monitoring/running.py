"""`monitoring consume`: the parts that project, announce and publish, put together and kept running."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.monitoring.announcer import Announcer
from services.monitoring.consumer import Consumer
from services.monitoring.facts import EPOCH
from services.monitoring.measures import Measures
from services.monitoring.projector import Projected, Projector
from services.monitoring.rules.edition import Edition
from services.monitoring.settings import Settings
from services.monitoring.store import checkpoints, workers
from services.monitoring.transport.feed import Feed, FeedTransport
from services.monitoring.transport.seam import Transport
from services.monitoring.witness import Witness
from shared.clock import Clock, SystemClock
from shared.database import UNAVAILABLE, Database

if TYPE_CHECKING:
    from services.monitoring.publisher import Publisher

BEAT: Final = 2.0  # seconds between two signs of life
NEWS: Final = "coursewatch_announced"
"""The channel on which a process that projects tells those that answer that there is something new."""
STALLED: Final = 60.0  # seconds; the slowest step waits for the feed, the store and a gap in turn
_log = logging.getLogger(__name__)


class Running:
    """One process's share of the work; others on the same PostgreSQL take the partitions that this one doesn't.

    `told` is called from its threads after anything was projected or announced.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        editions: Mapping[str, Edition],
        clock: Clock,
        measures: Measures,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._feed = Feed(settings.course_url)
        publish = settings.kafka is not None
        projector = Projector(database, editions, clock, publish=publish, told=measures.told)

        def projected(done: Projected) -> None:
            measures.projected(done)
            told()

        self._consumer = Consumer(
            projector,
            self._open_transport,
            self._feed.treatment,
            clock,
            projected,
            Witness(database, self._feed, clock),
            measures.restarted,
        )
        self._announcer = Announcer(projector, clock, complete_until(database, self._consumer), told)
        self._publisher = None if settings.kafka is None else _publisher(database, settings.kafka, editions, clock)

    @property
    def dead(self) -> str | None:
        """Which part of it has ended or stands still, in words; nothing but a new start brings it back."""
        if self._consumer.stopped_by_itself:
            return "the consumer has stopped: start this process again"
        if self._consumer.idle > STALLED:
            return f"the consumer has done nothing for {self._consumer.idle:.0f} s: start this process again"
        if self._announcer.stopped_by_itself:
            return "the announcer has stopped: start this process again"
        if self._publisher is not None and self._publisher.stopped_by_itself:
            return "the publisher has stopped: start this process again"
        return None

    @property
    def ailing(self) -> str | None:
        """What keeps it from working, in words; None while all is well."""
        return self.dead or self._consumer.health.failing

    def start(self) -> None:
        """Consumes from now on; a manual clock's dates are told only when it is moved."""
        self._consumer.start()
        if isinstance(self._clock, SystemClock):
            self._announcer.start()
        if self._publisher is not None:
            self._publisher.start()

    def stop(self) -> None:
        self._announcer.stop()
        self._consumer.stop()
        if self._publisher is not None:
            self._publisher.stop()
        self._feed.close()

    def run(self, stop: threading.Event) -> bool:
        """Works until `stop` is set, giving signs of life; False if a part of it died, for a supervisor to see."""
        self.start()
        try:
            while not stop.wait(BEAT):
                self._beat()
                if self.dead is not None:
                    _log.critical("This process ends: %s.", self.dead)
                    return False
        finally:
            self.stop()
        return True

    def _beat(self) -> None:
        try:
            with self._database.write() as connection:
                workers.beat(connection, self.ailing)
        except UNAVAILABLE:
            _log.warning("No sign of life could be given: the database does not answer.")

    def _open_transport(self) -> Transport:
        def claim(source: str, partitions: Sequence[int]) -> dict[int, checkpoints.Checkpoint]:
            return checkpoints.claim(self._database, source, partitions)

        if self._settings.kafka is None:
            return FeedTransport(Feed(self._settings.course_url), claim)
        from services.monitoring.transport.kafka import KafkaTransport  # noqa: PLC0415 - an extra, absent without Kafka

        return KafkaTransport(self._settings.kafka, claim)


def complete_until(database: Database, consumer: Consumer) -> Callable[[], datetime | None]:
    """Up to which instant everything recorded is projected, whichever process projects it.

    None while a part of it may not be. The consumer knows of its own partitions, SQL of those that others read.
    """

    def until() -> datetime | None:
        own = consumer.caught_up_at()
        if own is None:
            return None
        with database.read() as connection:
            others = checkpoints.others_known_through(connection, consumer.partitions)
        return own if others is None else min(own, EPOCH + timedelta(microseconds=others))

    return until


def _publisher(database: Database, bootstrap: str, editions: Mapping[str, Edition], clock: Clock) -> "Publisher":
    from services.monitoring.publisher import Publisher  # noqa: PLC0415 - an extra, absent without Kafka

    return Publisher(database, bootstrap, editions, clock)
