"""The log as the eventsourcing library sees it: its recorders, over the same tables and under the same lock."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event as Flag
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    OperationalError,
    StoredEvent,
    Subscription,
)
from sqlalchemy import Connection, exc, func, select

from services.course.domain.moments import instant, micros
from services.course.persistence.event_log import COLUMNS, EventRow, append, latest_instant, lock_appends, log_end
from services.course.persistence.events import RecordedEvent
from services.course.persistence.recording import new_id
from services.course.persistence.tables import event
from shared.database import UNAVAILABLE, Database

POLL = 0.1  # seconds


class LogAggregateRecorder(AggregateRecorder):
    """Reads and appends one treatment's events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ARG002 -- the library passes more than this store needs
        """Appends events whose versions the caller chose; raises IntegrityError if one is taken."""
        self._insert(stored_events)
        return None

    def _insert(self, stored_events: Sequence[StoredEvent]) -> Sequence[int] | None:
        if not stored_events:
            return None
        try:
            with self._database.write() as connection:
                lock_appends(connection)
                rows = _rows(connection, stored_events)
                append(connection, rows)
        except exc.IntegrityError as error:
            raise IntegrityError("One of these versions is recorded already.") from error
        except UNAVAILABLE as error:
            raise OperationalError("The store does not answer.") from error
        return [row.position for row in rows]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One treatment's events by version."""
        query = select(*COLUMNS).where(event.c.treatment == originator_id)
        if gt is not None:
            query = query.where(event.c.version > gt)
        if lte is not None:
            query = query.where(event.c.version <= lte)
        query = query.order_by(event.c.version.desc() if desc else event.c.version).limit(limit)
        with self._database.read() as connection:
            return [
                RecordedEvent(row.treatment, row.version, row.topic, row.state, row.fact_id, instant(row.recorded_at))
                for row in connection.execute(query)
            ]


def _rows(connection: Connection, stored_events: Sequence[StoredEvent]) -> list[EventRow]:
    end = log_end(connection)
    position, last = end.position, latest_instant(connection, end)
    now = micros(datetime.now(UTC))
    rows = []
    for stored in stored_events:
        position, last = position + 1, max(now, last + 1)
        treatment = UUID(str(stored.originator_id))
        rows.append(
            EventRow(position, treatment, stored.originator_version, stored.topic, stored.state, new_id(last), last)
        )
    return rows


class LogRecorder(LogAggregateRecorder, ApplicationRecorder):
    """Reads the whole log by position: what the library calls notifications."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:  # noqa: ARG002 -- the library passes more than this store needs
        """Appends and returns the positions."""
        return self._insert(stored_events)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The log from a position, in order and without gaps."""
        query = select(*COLUMNS).order_by(event.c.position).limit(limit)
        if start is not None:
            query = query.where(event.c.position >= start if inclusive_of_start else event.c.position > start)
        if stop is not None:
            query = query.where(event.c.position <= stop)
        if topics:
            query = query.where(event.c.topic.in_(topics))
        with self._database.read() as connection:
            return [
                Notification(row.treatment, row.version, row.topic, row.state, row.position)
                for row in connection.execute(query)
            ]

    def max_notification_id(self) -> int | None:
        """The last position; None while the log is empty."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(event.c.position))).scalar()

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "PollingSubscription":
        """An endless iterator over the log that looks again every POLL seconds."""
        return PollingSubscription(self, gt, topics)


class PollingSubscription(Subscription[LogRecorder]):
    """Follows the log by looking at it: SQLite notifies nobody, and a notification inside an append is dear."""

    def __init__(self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        super().__init__(recorder, gt, topics)
        self._stopped = Flag()
        self._fetched: list[Notification] = []

    def stop(self) -> None:
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if not self._fetched:
                found = self._recorder.select_notifications(
                    self._last_notification_id or 0, 500, topics=self._topics, inclusive_of_start=False
                )
                self._fetched = list(reversed(found))
            if self._fetched:
                notification = self._fetched.pop()
                self._last_notification_id = notification.id
                return notification
            self._stopped.wait(POLL)
        raise StopIteration
