"""How far the projection has come: known_through, the stream's head, parked treatments, dead letters."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from services.monitoring.store.editions import waiting_since
from services.monitoring.store.tables import checkpoint, dead_letter, parked, stream


@dataclass(frozen=True, slots=True)
class StreamHead:
    """`{name}-{n}` is the position that a list names and a stream resumes from."""

    name: str
    n: int

    @property
    def position(self) -> str:
        return f"{self.name}-{self.n}"


def known_through(connection: Connection) -> int | None:
    """Everything recorded up to this instant (microseconds) is in the answers; None before the first delivery.

    A treatment that waits for a gap holds it back to before the earliest fact that is missing from the answers, and
    an edition that some roll-ups do not follow yet to before its activation.
    """
    held = select(func.min(parked.c.recorded_at)).scalar_subquery().label("held")
    found = connection.execute(select(func.min(checkpoint.c.known_through).label("reached"), held)).one()
    if not found.reached:
        return None
    waits = [int(instant) for instant in (found.held, waiting_since(connection)) if instant is not None]
    return min([int(found.reached), *(instant - 1 for instant in waits)])


def stream_head(connection: Connection) -> StreamHead:
    """Name and last number of the announcement stream."""
    row = connection.execute(select(stream.c.name, stream.c.head)).one()
    return StreamHead(str(row.name), int(row.head))


def parked_count(connection: Connection) -> int:
    """How many treatments wait: for a gap to be filled, or for an operator where the log forked."""
    return int(connection.execute(select(func.count(parked.c.treatment.distinct()))).scalar_one())


def dead_letter_count(connection: Connection) -> int:
    """Those not yet redriven."""
    query = select(func.count()).select_from(dead_letter).where(dead_letter.c.resolved_at.is_(None))
    return int(connection.execute(query).scalar_one())
