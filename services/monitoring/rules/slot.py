"""One obligation judged: its window, what fills it and what stands around it, as a slot."""

from collections.abc import Callable
from datetime import date

from services.monitoring.rules.answers import Applicability, Evidence, Slot
from services.monitoring.rules.circumstances import Circumstances
from services.monitoring.rules.evidence import Fill
from services.monitoring.rules.grid import Window
from services.monitoring.rules.standing import standing

DISCOVERABLE = frozenset({"overdue", "missed", "done_late"})


def judged_slot(
    requirement: str,
    obligation_id: str,
    applicability: Applicability,
    window: Window,
    filled: Fill,
    around: Circumstances,
    on: date,
    on_discovery: Callable[[Window], bool],
    evidence: tuple[Evidence, ...] = (),
) -> Slot:
    """The slot as it stands on `on`; `on_discovery` is asked only where it can matter (R20)."""
    stands, reason = standing(window, obligation_id, filled.completed_on, around, on)
    return Slot(
        obligation_id=obligation_id,
        requirement=requirement,
        episode=window.episode,
        slot=window.slot,
        close_out=window.close_out,
        opens_on=window.opens_on,
        due_on=window.due_on,
        closes_on=window.closes_on,
        standing=stands,
        days_overdue=(on - window.due_on).days if stands == "overdue" else 0,
        completed_on=filled.completed_on,
        partial=filled.partial,
        missing=filled.missing,
        applicability=applicability,
        overdue_on_discovery=stands in DISCOVERABLE and on_discovery(window),
        reason=reason,
        evidence=evidence,
    )


def withdrawn_slot(
    requirement: str, obligation_id: str, applicability: Applicability, window: Window, components: tuple[str, ...]
) -> Slot:
    """An obligation that some known fact once made and that no longer exists, with its last dates."""
    return Slot(
        obligation_id=obligation_id,
        requirement=requirement,
        episode=window.episode,
        slot=window.slot,
        close_out=window.close_out,
        opens_on=window.opens_on,
        due_on=window.due_on,
        closes_on=window.closes_on,
        standing="withdrawn",
        days_overdue=0,
        completed_on=None,
        partial=False,
        missing=components,
        applicability=applicability,
        overdue_on_discovery=False,
        reason=None,
    )
