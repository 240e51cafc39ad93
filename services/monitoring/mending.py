"""What an operator mends by hand, as functions for the CLI: dead letters tried again, a parked treatment taken up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.monitoring.facts import micros, read_item
from services.monitoring.projector import Projected, Projector
from services.monitoring.store import letters
from services.monitoring.transport.seam import Delivery, Mark
from shared.clock import Clock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many dead letters could be read now, and how many still can't."""

    resolved: int
    remaining: int


def redrive(projector: Projector, clock: Clock) -> Redriven:
    """Reads every dead letter again, as after an update; those that can be read now are projected as if new."""
    with projector.database.read() as connection:
        waiting = letters.unresolved(connection)
    read = [(one, read_item(one.value)) for one in waiting]
    able = [(one, item) for one, item in read if isinstance(item, FeedItem)]
    deliveries = [Delivery(Mark(one.partition, one.position), one.key, one.value, item) for one, item in able]
    projector.project(deliveries, in_order=False)
    with projector.database.write() as connection:
        letters.resolve(connection, [one.id for one, _ in able if one.id is not None], micros(clock.now()))
    return Redriven(len(able), len(read) - len(able))


def dismiss(database: Database, letter: int, clock: Clock) -> bool:
    """Puts away a dead letter that is no fact; its bytes are kept. False if none of that number waits."""
    with database.write() as connection:
        return letters.resolve(connection, [letter], micros(clock.now())) == 1


def unpark(projector: Projector, treatment: str, fetch: Callable[[str, int], Sequence[Delivery]]) -> Projected:
    """Projects one treatment anew from the feed, which is the record: after a gap, a fork, or a mended defect.

    Raises TransportError, with nothing changed, while the course service does not answer.
    """
    return projector.reread(treatment, fetch)
