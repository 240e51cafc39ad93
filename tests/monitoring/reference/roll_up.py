"""The one line of a requirement (R17–R19)."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from tests.monitoring.reference.circumstances import covers
from tests.monitoring.reference.obligations import Obligation
from tests.monitoring.reference.protocol import Requirement

if TYPE_CHECKING:
    from tests.monitoring.reference.model import Judged, World

SATISFIED = {"done", "done_late"}
UNSATISFIED = {"missed", "declined", "due", "overdue", "upcoming"}
COUNTED = ("done", "done_late", "missed", "not_monitored_here", "declined")


@dataclass(frozen=True)
class Line:
    """`named` is the obligation that can still be closed (contract §3.2), with what it lacks."""

    standing: str
    applicability: str
    due_on: date | None
    days_overdue: int
    on_discovery: bool
    counts: tuple[int, ...]
    named: str | None = None
    missing: tuple[str, ...] = ()
    partial: bool = False


def roll_up(
    requirement: Requirement, judged: list[tuple[Obligation, "Judged"]], now: "World", applies: str, on: date
) -> Line | None:
    """None for a treatment without an episode, and for what findings ask for as long as none has asked."""
    if not now.episodes or (requirement.kind == "once" and not judged):
        return None
    newest = now.episodes[-1].number
    counted = Counter(slot.standing for one, slot in judged if one.episode == newest)
    counts = tuple(counted[name] for name in COUNTED)
    run = [
        slot
        for one, slot in judged
        if one.episode == newest or (one.opens <= on and (one.closes is None or on <= one.closes))
    ]
    after = next((place for place in range(len(run), 0, -1) if run[place - 1].standing in SATISFIED), 0)
    first = next((slot for slot in run[after:] if slot.standing in UNSATISFIED), None)
    ends = [one.closes for one, _ in judged if one.episode == newest]
    ended = bool(ends) and all(day is not None and day < on for day in ends)
    waived = any(w.requirement == requirement.id and w.holds(on) for w in now.around.waivers)
    waived = waived or (not ended and first is None and any(slot.standing == "waived" for slot in run[after:]))
    overdue = first is not None and first.due < on
    holds = (
        ("not_applicable", applies == "not_applicable"),
        ("cancelled", now.around.death is not None),
        ("suspended", covers(now.around.absences, on) is not None),
        ("waived", waived),
        ("ended", ended),
        ("declined", covers(now.around.refusals[requirement.id], on) is not None),
        ("overdue", overdue),
        ("due", first is not None and first.opens <= on),
        ("upcoming", first is not None),
        ("complete", True),
    )
    standing = next(name for name, held in holds if held)
    line = Line(standing, applies, None, 0, False, counts)
    if standing not in {"not_applicable", "cancelled", "ended", "complete"}:
        line = _naming(line, run[after:], on)
    if first is None or standing not in {"declined", "overdue", "due", "upcoming"}:
        return line
    days = (on - first.due).days if overdue else 0
    return replace(line, due_on=first.due, days_overdue=days, on_discovery=overdue and first.on_discovery)


def _naming(line: Line, run: list["Judged"], on: date) -> Line:
    """The first unsatisfied obligation that has not closed; else the first suspended one, else the first waived."""
    still = [slot for slot in run if slot.closes is None or on <= slot.closes]
    for kinds in (UNSATISFIED, {"suspended"}, {"waived"}):
        for slot in still:
            if slot.standing in kinds:
                return replace(line, named=slot.obligation_id, missing=slot.missing, partial=slot.partial)
    return line
