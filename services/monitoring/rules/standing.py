"""How one slot stands on a date: the first that holds of evidence, death, waiver, transfer, refusal, calendar (R13).

`withdrawn` precedes them all and `not_applicable` stands between evidence and death: such slots never come here.
"""

from datetime import date

from services.monitoring.rules.answers import SlotStanding
from services.monitoring.rules.circumstances import Circumstances
from services.monitoring.rules.grid import Window


def standing(
    window: Window, obligation_id: str, completed_on: date | None, around: Circumstances, on: date
) -> tuple[SlotStanding, str | None]:
    """The standing and, where the word alone does not say it, the reason."""
    if completed_on is not None:
        return ("done" if completed_on <= window.due_on else "done_late"), None
    closes_on = window.closes_on
    if around.cancelled(obligation_id, closes_on, on):
        return "cancelled", "death"
    # After its closing day a slot keeps what it was on that day.
    last_open = on if closes_on is None else min(on, closes_on)
    if around.waivers and around.waived(obligation_id, last_open):
        return "waived", "waiver"
    if around.absences and (found := _absent(window, around, on)):
        return found
    if around.refusals and window.opens_on <= on and around.refused(last_open):
        return "declined", None
    return _by_calendar(window, on), None


def _absent(window: Window, around: Circumstances, on: date) -> tuple[SlotStanding, str | None] | None:
    closes_on = window.closes_on
    away_since = around.absent_since(on)
    if away_since is not None and (closes_on is None or closes_on >= away_since):
        return "suspended", None
    if closes_on is None or on <= closes_on:
        return None
    was_away_since = around.absent_since(closes_on)
    if was_away_since is None:
        return None
    if window.due_on < was_away_since:
        return "missed", "handed_over_overdue"
    return "not_monitored_here", None


def _by_calendar(window: Window, on: date) -> SlotStanding:
    if on < window.opens_on:
        return "upcoming"
    if on <= window.due_on:
        return "due"
    if window.closes_on is None or on <= window.closes_on:
        return "overdue"
    return "missed"
