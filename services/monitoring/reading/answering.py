"""What every answer says of itself: its clocks, and where the stream stood."""

from sqlalchemy import Connection, func, select

from services.monitoring.reading.clocks import Clocks, Question, instant_text, microseconds
from services.monitoring.reading.library import Library
from services.monitoring.store.editions import waiting_since
from services.monitoring.store.progress import known_through, stream_head
from services.monitoring.store.tables import announcement, checkpoint

_LOOK_BACK = 10_000


def clocks(
    connection: Connection,
    library: Library,
    question: Question,
    instants: frozenset[int],
    *,
    edition: tuple[str, str] | None = None,
    stream_position: str | None = None,
) -> Clocks:
    """`instants`: the last microseconds that counted; none = all that is known.

    `edition`: name and hash; else those that judged what the roll-ups hold.
    """
    through = known_through(connection)
    if instants:
        known_at = instant_text(max(instants)) if len(instants) == 1 else None
        through = None if through is None else min(through, *instants)
    else:
        known_at = instant_text(max(microseconds(library.clock.now()), through or 0))
    name, sha256 = edition or library.named(through)
    return Clocks(
        on=question.on,
        known_at=known_at,
        known_through=None if through is None else instant_text(through),
        edition=name,
        edition_sha256=sha256,
        profile=library.profile,
        stream_position=stream_position or stream_head(connection).position,
    )


def projected_through(connection: Connection) -> tuple[int | None, bool]:
    """The instant up to which every partition was read, and whether nothing later can be in the answers.

    Parked treatments do not hold it back: one broken treatment must not make everybody's list old.
    """
    reached, partitions = connection.execute(select(func.min(checkpoint.c.known_through), func.count())).one()
    if reached is None:
        return None, int(partitions) <= 1
    waiting = waiting_since(connection)
    return int(reached) if waiting is None else min(int(reached), waiting - 1), int(partitions) <= 1


def position_known_by(connection: Connection, ceiling: int) -> str:
    """The last position before any announcement of what was recorded after `ceiling` (microseconds)."""
    head = stream_head(connection)
    later = connection.execute(
        select(func.min(announcement.c.n)).where(
            announcement.c.stream == head.name,
            announcement.c.n > head.n - _LOOK_BACK,
            announcement.c.known_at > ceiling,
        )
    ).scalar_one()
    return f"{head.name}-{head.n if later is None else int(later) - 1}"
