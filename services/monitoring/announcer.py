"""Dates announce: after each local midnight, per zone, in date order, once; after downtime it catches up.

Only the stored next_change_on says whose turn it is. No timer stores a standing: it only tells.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from services.monitoring.projector import Projector
from services.monitoring.working import Working
from shared.clock import Clock
from shared.database import UNAVAILABLE, cause

EVERY = 1.0  # seconds between two looks at the calendar
_log = logging.getLogger(__name__)


class Announcer(Working):
    """`complete_until` says up to which instant everything recorded is projected: later dates are not told yet."""

    def __init__(
        self,
        projector: Projector,
        clock: Clock,
        complete_until: Callable[[], datetime | None],
        told: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("announcer", 10)
        self._projector = projector
        self._clock = clock
        self._complete_until = complete_until
        self._told = told

    def run_to(self, now: datetime) -> int:
        """Tells all that the dates brought about until each clinic's date at `now`; answers how many announcements.

        What an activation brought about is told before.
        """
        if self._projector.follow_editions():
            self._told()
        if not self._projector.dates_wait(now):
            return 0
        number = self._projector.run_dates(now)
        if number:
            self._told()
        return number

    def run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                complete = self._complete_until()
                if complete is not None:
                    self.run_to(min(self._clock.now(), complete))
            except UNAVAILABLE as error:
                _log.warning(
                    "The announcer tries again: the database does not answer, or takes nothing (%s).", cause(error)
                )
            except Exception:  # a defect of ours must be loud, and tomorrow's dates are still to be told
                _log.exception("The announcer failed and tries again.")
