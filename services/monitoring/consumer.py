"""The loop: poll, project in one transaction, mark; fills gaps from the feed, and never dies in silence.

What breaks — the transport, the store, a checkpoint that another consumer moved — ends one round: the transport is
made anew from the stored positions and the loop goes on. /readyz shows what broke last and how far behind it is.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.monitoring.projector import Projected, Projector, careful
from services.monitoring.projector.missing import Missing
from services.monitoring.projector.reach import Reach
from services.monitoring.store.checkpoints import CheckpointLostError
from services.monitoring.transport.seam import Delivery, Gaps, Transport, TransportError
from services.monitoring.witness import Witness
from services.monitoring.working import Working
from shared.clock import Clock
from shared.contracts.v1.feed import Watermark
from shared.database import UNAVAILABLE, cause

POLL = 2.0  # seconds that one poll waits for something new; also how long a stop may take
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between rounds that failed
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


class Consumer(Working):
    """`open_transport` makes the transport anew; `gaps` asks the feed; `projected` is told after each commit.

    `witness` says whether the log is still the one that was read; `restarted` is told of each round that broke.
    """

    def __init__(
        self,
        projector: Projector,
        open_transport: Callable[[], Transport],
        gaps: Gaps,
        clock: Clock,
        projected: Callable[[Projected], None] = lambda _: None,
        witness: Witness | None = None,
        restarted: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("consumer", POLL + 10)
        self._projector = projector
        self._open_transport = open_transport
        self._clock = clock
        self._projected = projected
        self._missing = Missing(projector, gaps, projected)
        self._witness = witness
        self._restarted = restarted
        self._read_again = False
        self._stepped = time.monotonic()
        self._partitions: frozenset[int] = frozenset()
        self._caught_up: dict[int, datetime] = {}
        self._met_the_end: float | None = None
        self._state = Health()

    @property
    def health(self) -> Health:
        met = self._met_the_end
        return replace(self._state, behind=None if met is None else time.monotonic() - met)

    @property
    def partitions(self) -> frozenset[int]:
        """Those that this process reads."""
        return self._partitions

    @property
    def idle(self) -> float:
        """Seconds since it last finished a step, or failed at one; a healthy one takes a few."""
        return time.monotonic() - self._stepped

    def start(self) -> None:
        self._stepped = time.monotonic()
        super().start()

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
            self._missing.remember(transport.source)
            while not self._stop.is_set():
                self._step(transport)
        finally:
            transport.close()

    def _step(self, transport: Transport) -> None:
        began = self._clock.now()
        deliveries = transport.poll(POLL)
        self._look(transport, deliveries)
        held = dict(transport.held)
        self._missing.doubt(deliveries)
        reach = Reach(transport.source, held, self._missing.doubted)
        done = None
        if any(not isinstance(one.content, Watermark) for one in deliveries) or reach.after(deliveries) != held:
            done = careful.project(self._projector, deliveries, reach, in_order=transport.in_order)
            transport.done(reach.held)
            self._projected(done)
        self._missing.fill(done)
        self._state = Health(transport.lag(), self._clock.now())
        self._stepped = time.monotonic()
        self._partitions = frozenset(held)
        for revoked in self._caught_up.keys() - self._partitions:
            del self._caught_up[revoked]
        for delivery in deliveries:
            if isinstance(delivery.content, Watermark) and delivery.mark.partition not in reach.doubted:
                self._caught_up[delivery.mark.partition] = began
            else:
                self._caught_up.pop(delivery.mark.partition, None)
        if self.caught_up_at() is not None:
            self._met_the_end = time.monotonic()

    def _look(self, transport: Transport, deliveries: Sequence[Delivery]) -> None:
        """Looks whether the log is the one that was read; one that forked is read again, once, for what differs."""
        if self._witness is None:
            return
        self._witness.look(deliveries)
        forked = self._witness.alarm == "fork"
        if forked and not self._read_again:
            transport.rewind()
        self._read_again = forked

    def _failed(self, why: str) -> None:
        if not self._stop.is_set():
            _log.warning("The consumer begins again: %s.", why)
        self._state = replace(self._state, failing=why)
        self._stepped = time.monotonic()
        self._restarted()
        self._caught_up.clear()


def _sentence(error: Exception) -> str:
    if isinstance(error, TransportError):
        return str(error)
    if isinstance(error, CheckpointLostError):
        return "another consumer took over its part"
    return f"the database does not answer, or takes nothing ({cause(error)})"
