"""Is it fit to be believed? One judgement for the process that answers and the one that only consumes."""

from datetime import datetime, timedelta
from typing import Final

from prometheus_client.metrics_core import Metric
from sqlalchemy.exc import SQLAlchemyError

from services.monitoring.backlog import Backlog, Waiting
from services.monitoring.facts import EPOCH
from services.monitoring.measures import behind, stored
from services.monitoring.reading.answering import projected_through
from services.monitoring.running import Running
from services.monitoring.settings import Settings
from services.monitoring.store.progress import parked_count
from services.monitoring.store.witness import seen
from services.monitoring.store.workers import Beat, last_beat
from services.monitoring.transport.feed import Feed
from services.monitoring.transport.seam import TransportError
from shared.clock import Clock, ManualClock
from shared.database import Database
from shared.metrics import Metrics, gauge

LATE: Final = timedelta(seconds=10)  # farther behind the log than this is not ready
SILENT: Final = 15.0  # seconds without a sign of life of the consumer
QUIET: Final = timedelta(seconds=30)  # without a word from Kafka, where a watermark comes each second
Checks = dict[str, str | int]


class Health:
    """Blocking. `running` is the part of this process that projects; None where another process does."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, running: Running | None) -> None:
        self._kafka = settings.kafka is not None
        self._database = database
        self._feed = Feed(settings.course_url, patience=1)
        self._backlog = Backlog(self._feed)
        self._clock = clock
        self._running = running

    def checks(self) -> tuple[bool, Checks]:
        """Ready or not, and why: the store, the log, how it is being read, and how many treatments are parked."""
        try:
            with self._database.read() as connection:
                through, _ = projected_through(connection)
                parked, last = parked_count(connection), seen(connection)
                ailing = self._running.ailing if self._running else no_consumer(last_beat(connection))
        except SQLAlchemyError:
            return False, {"store": "does not answer"}
        feed, in_time = self._reading(through, ailing)
        log = last.sentence if last else None
        return in_time and log is None, {"store": "ok", "feed": feed, "log": log or "ok", "parked": parked}

    def measures(self) -> list[Metric]:
        """What is looked up for /metrics; what can't be looked up is left out."""
        try:
            found = stored(self._database, self._clock)
            with self._database.read() as connection:
                through, _ = projected_through(connection)
        except SQLAlchemyError:
            return [gauge("coursewatch_store_answers", "1 while the database can be read", 0)]
        found.append(gauge("coursewatch_store_answers", "1 while the database can be read", 1))
        try:
            found += behind(self._backlog.look(through), self._clock)
            answers = 1
        except TransportError:
            answers = 0
        found.append(gauge("coursewatch_feed_answers", "1 while the course service's feed answers", answers))
        return found

    def close(self) -> None:
        self._feed.close()

    def _reading(self, through: int | None, ailing: str | None) -> tuple[str, bool]:
        """How the log is being read, in words, and whether that is good enough."""
        if ailing:
            return ailing, False
        try:
            waiting = self._backlog.look(through)
        except TransportError:
            return "the course service does not answer", False
        reached = EPOCH + timedelta(microseconds=through or 0)
        late = lateness(waiting, reached, self._clock.now())
        if late > LATE:
            return lag(late), False
        quiet = self._clock.now() - reached
        if self._kafka and through and quiet > QUIET and not isinstance(self._clock, ManualClock):
            seconds = int(quiet.total_seconds())
            return f"nothing came from Kafka for {seconds} s: is `coursewatch course relay` at work?", False
        return lag(late), True


class ConsumerHealth:
    """/metrics and /readyz of `monitoring consume`."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, metrics: Metrics, running: Running
    ) -> None:
        self._health = Health(settings, database, clock, running)
        self._metrics = metrics

    def metrics(self) -> bytes:
        return self._metrics.text(self._health.measures())

    def ready(self) -> dict[str, object]:
        ready, checks = self._health.checks()
        return {"ready": ready, "checks": checks}

    def close(self) -> None:
        self._health.close()


def no_consumer(beat: Beat | None) -> str | None:
    """What is wrong with the process that reads the log, as another one sees it; None while nothing is."""
    if beat is None:
        return "no consumer is at work: start `coursewatch monitoring consume`"
    if beat.age > SILENT:
        return f"the consumer gave no sign of life for {beat.age:.0f} s: start `coursewatch monitoring consume`"
    return beat.ailing


def lateness(waiting: Waiting, reached: datetime, now: datetime) -> timedelta:
    """How long something recorded has been waiting at most; by a manual clock, how far apart the facts are."""
    if not waiting.positions:
        return timedelta(0)
    return max(now, waiting.last or now) - reached


def lag(behind: timedelta) -> str:
    """`12 s behind`; less than a second is how it always is."""
    return f"{int(behind.total_seconds())} s behind" if behind >= timedelta(seconds=1) else "ok"
