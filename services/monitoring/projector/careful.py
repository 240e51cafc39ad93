"""Projects a batch that may hold what nobody foresaw: the delivery at fault is set aside, and all others go on.

A defect that one delivery brings out would otherwise come back with it at every poll, and stop its partition for
good. Which one it is, halving finds out. A store that is down, or a checkpoint that moved, is nobody's fault.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import exc

from services.monitoring.facts import Unreadable
from services.monitoring.projector.projector import Advance, Projected, Projector
from services.monitoring.projector.reach import Reach
from services.monitoring.store.checkpoints import CheckpointLostError
from services.monitoring.transport.seam import Delivery
from shared.database import UNAVAILABLE

_log = logging.getLogger(__name__)
_NO_FAULT_OF_IT = (CheckpointLostError, *UNAVAILABLE, exc.ProgrammingError)


def project(projector: Projector, deliveries: Sequence[Delivery], reach: Reach, *, in_order: bool) -> Projected:
    """As Projector.project does; `reach` has moved by as much as is committed, also where this raises."""
    new = reach.after(deliveries)
    try:
        advance = Advance(reach.source, reach.held, new)
        done = projector.project(deliveries, advance, in_order=in_order)
    except _NO_FAULT_OF_IT:
        raise
    except Exception as error:  # nobody foresaw it: it belongs to one delivery, which halving finds
        if not deliveries:
            raise
        if len(deliveries) == 1:
            return project(projector, [_aside(deliveries[0], error)], reach, in_order=in_order)
        middle = len(deliveries) // 2
        first, second = (
            project(projector, part, reach, in_order=in_order) for part in (deliveries[:middle], deliveries[middle:])
        )
        return Projected(first.applied + second.applied, first.announced + second.announced, second.gaps)
    reach.held = new
    return done


def _aside(one: Delivery, error: Exception) -> Delivery:
    if isinstance(one.content, Unreadable):
        raise error
    _log.error("A delivery could not be projected and is set aside.", exc_info=error)
    reason = f"could not be projected ({type(error).__name__}): mend the monitoring service, then redrive"
    return replace(one, content=Unreadable(reason))
