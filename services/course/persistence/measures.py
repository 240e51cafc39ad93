"""What the store itself knows of its state, looked up for one answer of /metrics."""

import time

from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, func, select

from services.course.domain.outcome import REASONS
from services.course.persistence.event_log import log_end
from services.course.persistence.tables import conflict, quarantine, relay
from shared.metrics import gauge, gauges
from shared.store_size import store_size


def measures(connection: Connection) -> list[Metric]:
    """The log's end, what waits in quarantine, how far the relay is, and how large all of it is."""
    end = log_end(connection)
    recorded = select(func.count()).select_from(conflict)
    found = [
        gauge("coursewatch_log_head_position", "Position of the last fact of the log", end.position),
        gauge("coursewatch_conflicts", "Recorded conflicts", connection.execute(recorded).scalar_one()),
        *_quarantine(connection),
        *store_size(connection),
    ]
    sent = connection.execute(select(relay.c.position, relay.c.beat_at)).first()
    if sent is not None:
        found.append(gauge("coursewatch_relay_position", "The last fact that Kafka has acknowledged", sent.position))
        lag = max(0, end.position - sent.position)
        found.append(gauge("coursewatch_relay_lag_positions", "Facts recorded and not yet sent to Kafka", lag))
        if sent.beat_at is not None:
            age = max(0.0, time.time() - sent.beat_at / 1e6)
            found.append(gauge("coursewatch_relay_beat_age_seconds", "Since some relay gave a sign of life", age))
    return found


def _quarantine(connection: Connection) -> list[Metric]:
    waiting: dict[str, float] = dict.fromkeys(REASONS, 0.0)
    redriven = 0.0
    resolved = quarantine.c.position.is_not(None).label("resolved")
    query = select(quarantine.c.reason, resolved, func.count().label("number")).group_by(quarantine.c.reason, resolved)
    for row in connection.execute(query):
        if row.resolved:
            redriven += row.number
        else:
            waiting[row.reason] = row.number
    return [
        gauges("coursewatch_quarantine_waiting", "Messages that wait in quarantine", "reason", waiting),
        gauge("coursewatch_quarantine_redriven", "Messages that left the quarantine for the log", redriven),
    ]
