"""What an obligation is on a date (R13–R16)."""

from dataclasses import dataclass
from datetime import date

from tests.monitoring.reference.calendar import When
from tests.monitoring.reference.circumstances import Circumstances, covers
from tests.monitoring.reference.evidence import Shown, of_component
from tests.monitoring.reference.obligations import Obligation
from tests.monitoring.reference.protocol import Requirement


@dataclass(frozen=True)
class Filled:
    """Which components are there, and when the last of them was first shown."""

    completed_on: date | None
    missing: tuple[str, ...]
    partial: bool


def parts(requirement: Requirement, everything: list[Shown]) -> dict[str, list[When]]:
    """When each component was shown."""
    return {
        part.name: [item.when for item in of_component(requirement, part, everything)]
        for part in requirement.components
    }


def filled(requirement: Requirement, one: Obligation, shown: dict[str, list[When]]) -> Filled:
    if requirement.kind == "rolling":
        return Filled(one.done_on, () if one.done_on else requirement.names, False)
    first: dict[str, date] = {}
    for name, moments in shown.items():
        days = [moment.first for moment in moments if _counts(moment, one)]
        if days:
            first[name] = min(days)
    missing = tuple(name for name in requirement.names if name not in first)
    return Filled(None if missing else max(first.values()), missing, bool(first) and bool(missing))


def _counts(moment: When, one: Obligation) -> bool:
    """Inside the window; after a finding, from its instant on, or its date if either is only a date (R22)."""
    if one.asked is not None:
        if moment.instant is not None and one.asked.instant is not None:
            return moment.instant >= one.asked.instant
        return moment.first >= one.asked.first
    return one.opens <= moment.first and (one.closes is None or moment.first <= one.closes)


def standing(one: Obligation, full: Filled, around: Circumstances, treatment: str, on: date) -> tuple[str, str | None]:
    """The standing and its reason, by R13's precedence; after its closing day it keeps what it was on that day."""
    if full.completed_on is not None:
        return ("done" if full.completed_on <= one.due else "done_late"), None
    day = on if one.closes is None or on <= one.closes else one.closes
    if not one.waived_for_good and around.death is not None and (one.closes is None or one.closes >= around.death):
        return "cancelled", "death"
    name = f"{treatment}.{one.requirement}.e{one.episode}.{one.key}"
    waivers = [w for w in around.waivers if w.obligation == name or w.requirement == one.requirement]
    if one.waived_for_good or any(w.holds(day) for w in waivers):
        return "waived", "waiver"
    return _away(one, around, on, day) or (_here(one, around, on, day), None)


def _away(one: Obligation, around: Circumstances, on: date, day: date) -> tuple[str, str | None] | None:
    """R14: while away all that had not closed is suspended; what closed meanwhile was not monitored here."""
    now = covers(around.absences, on)
    if now and (one.closes is None or one.closes >= now[0]):
        return "suspended", None
    then = covers(around.absences, day) if day < on else None
    if then is None:
        return None
    return ("missed", "handed_over_overdue") if one.due < then[0] else ("not_monitored_here", None)


def _here(one: Obligation, around: Circumstances, on: date, day: date) -> str:
    if one.opens <= day and covers(around.refusals[one.requirement], day):
        return "declined"
    if day < on:
        return "missed"
    return "upcoming" if on < one.opens else "due" if on <= one.due else "overdue"
