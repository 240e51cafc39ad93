"""What the projection lacks and the feed is asked for, while everything else goes on.

A gap: a version that has not come. A doubt: a delivery that can't be read bears a treatment's key, so it may have
been the last of that treatment's facts, and no later one would show the gap. Until the feed has been asked, nobody
says of that partition that nothing is missing.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from services.monitoring.facts import Unreadable
from services.monitoring.projector.projector import Projected, Projector
from services.monitoring.store import letters
from services.monitoring.store.checkpoints import CheckpointLostError
from services.monitoring.transport.seam import Delivery, Gaps, TransportError
from shared.database import UNAVAILABLE

EVERY = 2.0  # seconds between two tries, doubled for a treatment of which the feed knows nothing new
AT_MOST = 60.0
BUDGET = 1.0  # seconds that one step may ask
_log = logging.getLogger(__name__)


class Missing:
    """`projected` is told after each commit."""

    def __init__(self, projector: Projector, ask: Gaps, projected: Callable[[Projected], None]) -> None:
        self._projector = projector
        self._ask = ask
        self._projected = projected
        self._doubts: dict[str, set[int]] = {}
        self._waits: dict[str, tuple[float, float]] = {}  # treatment -> not before, and for how long after it
        self._next_look = 0.0

    @property
    def doubted(self) -> set[int]:
        """Partitions of which it is not known that nothing is missing."""
        return {partition for partitions in self._doubts.values() for partition in partitions}

    def doubt(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            if isinstance(delivery.content, Unreadable):
                self._doubt(delivery.key, delivery.mark.partition)

    def remember(self, source: str) -> None:
        """The doubts that a process before this one may not have settled."""
        with self._projector.database.read() as connection:
            for key, partition in letters.doubts(connection, source):
                self._doubt(key, partition)

    def fill(self, done: Projected | None) -> None:
        """Asks the feed, at once and then again and again, but never for long. `done` is what was just projected."""
        if done is None and time.monotonic() < self._next_look:
            return
        waiting = dict(done.gaps if done else self._projector.gaps())
        waiting |= self._projector.versions(self._doubts.keys() - waiting.keys())
        self._waits = {name: wait for name, wait in self._waits.items() if name in waiting}
        until = time.monotonic() + BUDGET
        for name, version in waiting.items():
            if time.monotonic() > until or not self._fill(name, version):
                break
        self._next_look = time.monotonic() + EVERY

    def _fill(self, name: str, version: int) -> bool:
        """False = the feed does not answer."""
        not_before, pause = self._waits.get(name, (0.0, EVERY))
        if time.monotonic() < not_before:
            return True
        try:
            done = self._project(self._ask(name, version))
        except TransportError as error:
            _log.warning("What is missing could not be fetched yet: %s.", error)
            return False
        self._doubts.pop(name, None)
        if done is None or not done.applied:
            self._waits[name] = time.monotonic() + pause, min(2 * pause, AT_MOST)
        return True

    def _project(self, deliveries: Sequence[Delivery]) -> Projected | None:
        try:
            done = self._projector.project(deliveries, in_order=False)
        except (CheckpointLostError, *UNAVAILABLE):
            raise
        except Exception:  # one treatment's defect must not stop the others; it stays parked, and on /readyz
            _log.exception("What was missing of a treatment could not be projected.")
            return None
        self._projected(done)
        return done

    def _doubt(self, key: bytes | None, partition: int) -> None:
        if (name := treatment_of(key)) is not None:
            self._doubts.setdefault(name, set()).add(partition)


def treatment_of(key: bytes | None) -> str | None:
    """The treatment that a record's key names, if it names one."""
    try:
        return str(UUID((key or b"").decode("ascii")))
    except ValueError:
        return None
