"""`monitoring consume`: the parts that project, announce and publish, put together and kept running."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from services.monitoring.announcer import Announcer
from services.monitoring.consumer import Consumer, Health
from services.monitoring.projector import Projector
from services.monitoring.rules.edition import Edition
from services.monitoring.settings import Settings
from services.monitoring.store import checkpoints
from services.monitoring.transport.feed import Feed, FeedTransport
from services.monitoring.transport.seam import Transport
from shared.clock import Clock, SystemClock
from shared.database import Database

if TYPE_CHECKING:
    from services.monitoring.publisher import Publisher


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
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._feed = Feed(settings.course_url)
        projector = Projector(database, editions, clock, publish=settings.kafka is not None)
        self._consumer = Consumer(projector, self._open_transport, self._feed.treatment, clock, lambda _: told())
        self._announcer = Announcer(projector, clock, self._consumer.caught_up_at, told)
        self._publisher = None if settings.kafka is None else _publisher(database, settings.kafka, editions, clock)

    @property
    def health(self) -> Health:
        return self._consumer.health

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

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set."""
        self.start()
        try:
            stop.wait()
        finally:
            self.stop()

    def _open_transport(self) -> Transport:
        def claim(source: str, partitions: Sequence[int]) -> dict[int, checkpoints.Checkpoint]:
            return checkpoints.claim(self._database, source, partitions)

        if self._settings.kafka is None:
            return FeedTransport(Feed(self._settings.course_url), claim)
        from services.monitoring.transport.kafka import KafkaTransport  # noqa: PLC0415 - an extra, absent without Kafka

        return KafkaTransport(self._settings.kafka, claim)


def _publisher(database: Database, bootstrap: str, editions: Mapping[str, Edition], clock: Clock) -> "Publisher":
    from services.monitoring.publisher import Publisher  # noqa: PLC0415 - an extra, absent without Kafka

    return Publisher(database, bootstrap, editions, clock)
