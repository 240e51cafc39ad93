"""What the monitoring service counts, and what it looks up in its store for one answer of /metrics."""

from collections.abc import Mapping
from typing import Final

from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, func, select

from services.monitoring.backlog import Waiting
from services.monitoring.facts import micros
from services.monitoring.projector import Projected
from services.monitoring.reading.answering import projected_through
from services.monitoring.store.progress import dead_letter_count, known_through, stream_head
from services.monitoring.store.tables import parked, published
from services.monitoring.store.witness import seen
from services.monitoring.store.workers import last_beat
from shared.clock import Clock
from shared.contracts.v1.announcements import KINDS
from shared.database import Database
from shared.metrics import Metrics, gauge, gauges
from shared.store_size import store_size

REASONS: Final = ("gap", "fork", "failed")
ALARMS: Final = ("behind", "fork")


class Measures:
    """The counters of a process that projects."""

    def __init__(self, metrics: Metrics) -> None:
        self._projected = metrics.counter("coursewatch_facts_projected", "Facts projected by this process")
        self._restarts = metrics.counter(
            "coursewatch_consumer_restarts", "Rounds of the consumer that broke and were begun again"
        )
        self._told = metrics.counter("coursewatch_announcements", "Announcements told, by kind", "kind", KINDS)

    def projected(self, done: Projected) -> None:
        self._projected.inc(done.applied)

    def restarted(self) -> None:
        self._restarts.inc()

    def told(self, kinds: Mapping[str, int]) -> None:
        for kind, number in kinds.items():
            self._told.labels(kind).inc(number)


def stored(database: Database, clock: Clock) -> list[Metric]:
    """What the store says, by one snapshot."""
    with database.read() as connection:
        return [*_progress(connection, clock), *_waiting(connection), *store_size(connection)]


def behind(waiting: Waiting, clock: Clock) -> list[Metric]:
    """How far the projection is behind the log: in facts, and in seconds of the oldest one."""
    age = 0.0 if waiting.oldest is None else max(0.0, (clock.now() - waiting.oldest).total_seconds())
    return [
        gauge("coursewatch_lag_positions", "Facts recorded and not yet projected", waiting.positions),
        gauge("coursewatch_oldest_unprocessed_fact_age_seconds", "How long the oldest of them has waited", age),
    ]


def _progress(connection: Connection, clock: Clock) -> list[Metric]:
    head = stream_head(connection)
    sent = connection.execute(select(published.c.n).where(published.c.stream == head.name)).scalar()
    found = [gauge("coursewatch_stream_head", "Number of the last announcement", head.n)]
    if sent is not None:
        unsent = max(0, head.n - int(sent))
        found.append(gauge("coursewatch_announcements_unpublished", "Announcements not yet sent to Kafka", unsent))
    for name, told, instant in (
        (
            "coursewatch_known_through_age_seconds",
            "Age of what every answer is sure to have",
            known_through(connection),
        ),
        ("coursewatch_lag_seconds", "Age of what was projected, parked or not", projected_through(connection)[0]),
    ):
        if instant:
            found.append(gauge(name, told, max(0, micros(clock.now()) - instant) / 1e6))
    beat = last_beat(connection)
    if beat is not None:
        found.append(gauge("coursewatch_consumer_beat_age_seconds", "Since the consumer gave a sign of life", beat.age))
    return found


def _waiting(connection: Connection) -> list[Metric]:
    query = select(parked.c.reason, func.count(parked.c.treatment.distinct())).group_by(parked.c.reason)
    by_reason = dict.fromkeys(REASONS, 0.0) | {reason: float(n) for reason, n in connection.execute(query)}
    last = seen(connection)
    alarms = {alarm: float(last is not None and last.alarm == alarm) for alarm in ALARMS}
    return [
        gauges("coursewatch_parked_treatments", "Treatments that wait", "reason", by_reason),
        gauge("coursewatch_dead_letters", "Deliveries that can't be read", dead_letter_count(connection)),
        gauges("coursewatch_log_alarm", "1 while the course log is not the one that was read", "alarm", alarms),
    ]
