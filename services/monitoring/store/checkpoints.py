"""How far each partition is projected, moved by compare-and-set in the transaction of the effect."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from services.monitoring.store.announcements import lock_stream
from services.monitoring.store.tables import checkpoint
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far one partition is projected: its last position done, and the instant up to which nothing is missing."""

    position: int
    known_through: int


class CheckpointLostError(Exception):
    """Another consumer has moved the checkpoint: this one's batch is rolled back and it starts anew."""


def claim(database: Database, source: str, partitions: Sequence[int]) -> dict[int, Checkpoint]:
    """The checkpoints of a source; starts missing ones at 0 and drops those of any other source.

    Only one source feeds a projection, and `known_through` is the least of all its partitions.
    """
    with database.write() as connection:
        lock_stream(connection)
        connection.execute(delete(checkpoint).where(checkpoint.c.source != source))
        held = read(connection, source)
        missing = [number for number in partitions if number not in held]
        if missing:
            rows = [{"source": source, "partition": n, "position": 0, "known_through": 0} for n in missing]
            connection.execute(insert(checkpoint), rows)
        return held | dict.fromkeys(missing, Checkpoint(0, 0))


def read(connection: Connection, source: str) -> dict[int, Checkpoint]:
    rows = connection.execute(select(checkpoint).where(checkpoint.c.source == source))
    return {row.partition: Checkpoint(row.position, row.known_through) for row in rows}


def others_known_through(connection: Connection, own: Collection[int]) -> int | None:
    """Of all partitions but one's own, the instant up to which nothing is missing in any; None if there are no more."""
    others = select(func.min(checkpoint.c.known_through)).where(checkpoint.c.partition.not_in(own))
    found = connection.execute(others).scalar_one()
    return None if found is None else int(found)


def least_known_through(connection: Connection) -> int:
    """The instant up to which nothing is missing in any partition; 0 while a part was never read."""
    return int(connection.execute(select(func.min(checkpoint.c.known_through))).scalar_one() or 0)


def advance(connection: Connection, source: str, old: Mapping[int, Checkpoint], new: Mapping[int, Checkpoint]) -> None:
    """Moves each partition from old to new; raises CheckpointLostError if one has moved meanwhile."""
    for partition, reached in new.items():
        if reached == old[partition]:
            continue
        moved = connection.execute(
            update(checkpoint)
            .where(
                checkpoint.c.source == source,
                checkpoint.c.partition == partition,
                checkpoint.c.position == old[partition].position,
            )
            .values(position=reached.position, known_through=reached.known_through)
        )
        if moved.rowcount != 1:
            raise CheckpointLostError
