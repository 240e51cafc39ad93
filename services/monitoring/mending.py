"""What an operator mends by hand, as functions for the CLI: dead letters tried again, a parked treatment taken up."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from services.monitoring.facts import micros, read_item
from services.monitoring.projector import Projected, Projector
from services.monitoring.projector.missing import treatment_of
from services.monitoring.store import letters
from services.monitoring.transport.seam import Delivery, Mark, TransportError
from shared.clock import Clock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database

Fetch = Callable[[str, int], Sequence[Delivery]]
"""Asks the course service for a treatment's facts after a version; raises TransportError."""


@dataclass(frozen=True, slots=True)
class Redriven:
    """How many dead letters could be read now, how many more lack no fact any more, and how many still wait.

    `asked`: the course service answered, so that the second number could be found out.
    """

    read: int
    lacking_nothing: int
    remaining: int
    asked: bool


def redrive(projector: Projector, clock: Clock, fetch: Fetch) -> Redriven:
    """Reads every dead letter again, as after an update; those that can be read now are projected as if new.

    One that still can't be read is settled all the same where it bears a treatment's key and everything that the log
    has of that treatment is projected: whatever it was, it is missing nowhere.
    """
    with projector.database.read() as connection:
        waiting = letters.unresolved(connection)
    able = [(one, item) for one in waiting if isinstance(item := read_item(one.value), FeedItem)]
    read = {one.id for one, _ in able}
    unable = {one.id: name for one in waiting if one.id not in read and (name := treatment_of(one.key)) is not None}
    projector.project([Delivery(_mark(one), one.key, one.value, item) for one, item in able], in_order=False)
    whole, asked = _whole(projector, set(unable.values()), fetch)
    lacking_nothing = {letter for letter, name in unable.items() if name in whole}
    settled = [letter for letter in (*read, *lacking_nothing) if letter is not None]
    with projector.database.write() as connection:
        letters.resolve(connection, settled, micros(clock.now()))
    return Redriven(len(read), len(lacking_nothing), len(waiting) - len(settled), asked)


def _whole(projector: Projector, names: Collection[str], fetch: Fetch) -> tuple[set[str], bool]:
    """Projects what is missing; of which treatments of the log nothing is any more, and whether it could be asked."""
    missing: list[Delivery] = []
    last: dict[str, int] = {}
    try:
        for name, version in sorted(projector.versions(names).items()):
            deliveries = fetch(name, version)
            missing += deliveries
            last[name] = version + len(deliveries)
    except TransportError:
        return set(), False
    projector.project([one for one in missing if isinstance(one.content, FeedItem)], in_order=False)
    reached = projector.versions(names)
    return {name for name in names if reached[name] >= last[name] > 0}, True


def _mark(letter: letters.Letter) -> Mark:
    return Mark(letter.partition, letter.position)


def dismiss(database: Database, letter: int, clock: Clock) -> bool:
    """Puts away a dead letter that is no fact; its bytes are kept. False if none of that number waits."""
    with database.write() as connection:
        return letters.resolve(connection, [letter], micros(clock.now())) == 1


def unpark(projector: Projector, treatment: str, fetch: Fetch) -> Projected:
    """Projects one treatment anew from the feed, which is the record: after a gap, a fork, or a mended defect.

    Raises TransportError, with nothing changed, while the course service does not answer.
    """
    return projector.reread(treatment, fetch)
