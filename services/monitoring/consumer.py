"""The loop: poll, project in one transaction, mark; fills gaps from the feed, and never dies in silence.

What breaks — the transport, the store, a checkpoint that another consumer moved — ends one round: the transport is
made anew from the stored positions and the loop goes on. /readyz shows what broke last and how far behind it is.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.monitoring.facts import micros_of
from services.monitoring.projector import Advance, Projected, Projector
from services.monitoring.store.checkpoints import Checkpoint, CheckpointLostError
from services.monitoring.transport.seam import Delivery, Gaps, Transport, TransportError
from shared.clock import Clock
from shared.contracts.v1.feed import FeedItem, Watermark
from shared.database import UNAVAILABLE

POLL = 2.0  # seconds that one poll waits for something new; also how long a stop may take
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between rounds that failed
GAP_EVERY = 2.0  # seconds between two tries to fill the same gaps
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """`lag`: facts recorded and not yet polled, None = unknown. `failing`: what broke since the last success.

    `behind`: seconds since everything recorded was projected, None = it never was since the start.
    """

    lag: int | None = None
    last_success: datetime | None = None
    failing: str | None = None
    behind: float | None = None


class Consumer:
    """`open_transport` makes the transport anew; `gaps` asks the feed; `projected` is told after each commit."""

    def __init__(
        self,
        projector: Projector,
        open_transport: Callable[[], Transport],
        gaps: Gaps,
        clock: Clock,
        projected: Callable[[Projected], None] = lambda _: None,
    ) -> None:
        self._projector = projector
        self._open_transport = open_transport
        self._gaps = gaps
        self._clock = clock
        self._projected = projected
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.run, name="consumer", daemon=True)
        self._partitions: frozenset[int] = frozenset()
        self._caught_up: dict[int, datetime] = {}
        self._next_gap_try = 0.0
        self._met_the_end: float | None = None
        self._state = Health()

    @property
    def health(self) -> Health:
        met = self._met_the_end
        return replace(self._state, behind=None if met is None else time.monotonic() - met)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(POLL + 10)

    def run(self) -> None:
        """Rounds until stopped."""
        failures = 0
        while not self._stop.is_set():
            success = self._state.last_success
            try:
                self._round()
                failures = 0
            except (TransportError, CheckpointLostError, *UNAVAILABLE) as error:
                self._failed(_sentence(error))
            except Exception as error:  # a defect of ours must not end the process in silence: begin anew, loudly
                _log.exception("The consumer's round failed.")
                self._failed(f"a defect ({type(error).__name__}); see the log")
            if self._state.last_success is not success:
                failures = 0
            self._stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1

    def caught_up_at(self) -> datetime | None:
        """All that was recorded before this instant of our clock is projected; None while a part of it may not be.

        It speaks of the partitions that this process reads.
        """
        caught_up = dict(self._caught_up)
        return min(caught_up.values()) if caught_up and caught_up.keys() == self._partitions else None

    def _round(self) -> None:
        transport = self._open_transport()
        try:
            self._caught_up.clear()
            while not self._stop.is_set():
                self._step(transport)
        finally:
            transport.close()

    def _step(self, transport: Transport) -> None:
        began = self._clock.now()
        deliveries = transport.poll(POLL)
        held = dict(transport.held)
        new = reached(held, deliveries)
        if any(not isinstance(delivery.content, Watermark) for delivery in deliveries) or new != held:
            advance = Advance(transport.source, held, new)
            done = self._projector.project(deliveries, advance, in_order=transport.in_order)
            transport.done(new)
            self._fill(done)
            self._projected(done)
        else:
            self._fill(None)
        self._state = Health(transport.lag(), self._clock.now())
        self._partitions = frozenset(held)
        for revoked in self._caught_up.keys() - self._partitions:
            del self._caught_up[revoked]
        for delivery in deliveries:
            if isinstance(delivery.content, Watermark):
                self._caught_up[delivery.mark.partition] = began
            else:
                self._caught_up.pop(delivery.mark.partition, None)
        if self.caught_up_at() is not None:
            self._met_the_end = time.monotonic()

    def _fill(self, done: Projected | None) -> None:
        """Asks the feed for what is missing, at once and then again and again; a gap never stops the others."""
        if time.monotonic() < self._next_gap_try and not (done and done.applied):
            return
        waiting = done.gaps if done else self._projector.gaps()
        for treatment, version in waiting.items():
            try:
                self._projected(self._projector.project(self._gaps(treatment, version), in_order=False))
            except TransportError as error:
                _log.warning("A gap could not be filled yet: %s.", error)
                break
        self._next_gap_try = time.monotonic() + GAP_EVERY

    def _failed(self, why: str) -> None:
        if not self._stop.is_set():
            _log.warning("The consumer begins again: %s.", why)
        self._state = replace(self._state, failing=why)
        self._caught_up.clear()


def reached(held: Mapping[int, Checkpoint], deliveries: Sequence[Delivery]) -> dict[int, Checkpoint]:
    """The checkpoints after a batch. Everything recorded before a fact of a partition was delivered before it."""
    new = dict(held)
    for delivery in deliveries:
        old = new[delivery.mark.partition]
        match delivery.content:
            case FeedItem(recorded_at=instant) | Watermark(recorded_through=instant):
                through = max(old.known_through, micros_of(instant))
            case _:
                through = old.known_through
        new[delivery.mark.partition] = Checkpoint(delivery.mark.position, through)
    return new


def _sentence(error: Exception) -> str:
    if isinstance(error, TransportError):
        return str(error)
    if isinstance(error, CheckpointLostError):
        return "another consumer took over its part"
    return "the database does not answer"
