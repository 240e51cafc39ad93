"""How far announcements were sent to Kafka, and to which topics: one that was made anew is filled again.

The table holds for a stream the number of its last announcement sent, and for a topic the upper bits of its id.
"""

from uuid import UUID

from sqlalchemy import Connection, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.store.tables import published, snapshot_outbox, treatment

_HIGH_BITS = 65  # what a BIGINT does not hold of a topic's 128 bits


def reached(connection: Connection, stream: str) -> int | None:
    """The last announcement of a stream that Kafka has acknowledged; None before the first."""
    found = connection.execute(select(published.c.n).where(published.c.stream == stream)).scalar_one_or_none()
    return None if found is None else int(found)


def move(connection: Connection, stream: str, n: int) -> None:
    """Writes down how far a stream is sent."""
    moved = connection.execute(update(published).where(published.c.stream == stream).values(n=n))
    if not moved.rowcount:
        connection.execute(insert(published).values(stream=stream, n=n))


def is_another(connection: Connection, topic: str, topic_id: str) -> bool:
    """Whether another topic stood behind that name when it was asked last; notes the one that stands there now."""
    now = UUID(topic_id).int >> _HIGH_BITS
    before = reached(connection, topic)
    if before != now:
        move(connection, topic, now)
    return before not in {None, now}


def send_all_announcements(connection: Connection, stream: str) -> None:
    """As far as they are kept."""
    move(connection, stream, 0)


def send_all_snapshots(connection: Connection) -> None:
    """One of each treatment."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # SQLite takes "on conflict" after a select only where that has a condition.
    every = make(snapshot_outbox).from_select(
        ["treatment", "change"], select(treatment.c.treatment, literal(1)).where(literal(1) == 1)
    )
    again = {"change": snapshot_outbox.c.change + 1}
    connection.execute(every.on_conflict_do_update(index_elements=[snapshot_outbox.c.treatment], set_=again))
