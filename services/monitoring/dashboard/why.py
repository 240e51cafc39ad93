"""Why a requirement stands as it does: the answer, what closes it, the dates step by step, the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.monitoring.dashboard.evidence import Looked, looked_at
from services.monitoring.dashboard.lines import Line
from services.monitoring.dashboard.steps import Step, steps
from services.monitoring.dashboard.words import (
    count,
    first_lower,
    first_upper,
    full_day,
    listing,
    long_day,
    short_day,
    weekday,
)
from services.monitoring.dashboard.zoom import Zoom, zoom
from services.monitoring.rules.answers import Episode, RollUp, RollUpStanding, Slot, TimelineEntry

_SHOWN = 3  # due dates named in a sentence
_IN_VIEW = 6  # windows that fit side by side
_UNMET = {"missed", "overdue", "due", "declined"}


@dataclass(frozen=True, slots=True)
class Why:
    """`bold` is the date that the answer ends on; `zoom` is None for items whose windows do not close."""

    question: str
    answer: str
    bold: str
    to_close: str
    zoom: Zoom | None
    steps: tuple[Step, ...]
    evidence: tuple[Looked, ...]


def why(line: Line, row: RollUp, episode: Episode, slots: Sequence[Slot], entries: Sequence[TimelineEntry]) -> Why:
    """`slots`: those of this requirement in the newest episode, in due order."""
    known = [slot for slot in slots if slot.standing != "withdrawn"]
    run = _run(row, known) or known[-1:]
    first = known.index(run[0]) if run else 0
    around = [*known[max(first - 1, 0) : first], *run]
    found = looked_at(around, {entry.fact_id: entry for entry in entries}, line.components, row.on)
    letters = {slot.obligation_id: _letters(slot, found, entries) for slot in around}
    answer, bold = _answer(line, row, run)
    in_view = around[-_IN_VIEW:]
    return Why(
        question=f"Why is this {row.standing.replace('_', ' ')}?",
        answer=answer,
        bold=bold,
        to_close=_to_close(line, row, run),
        zoom=zoom(in_view, [(one.letter, one.day) for one in found], row.on),
        steps=steps(line, row, episode, run, letters),
        evidence=found,
    )


def _run(row: RollUp, slots: Sequence[Slot]) -> list[Slot]:
    """The unsatisfied windows up to today; where there are none, the one that is next."""
    open_ones = [slot for slot in slots if slot.opens_on <= row.on]
    if row.due_on is not None:
        run = [slot for slot in open_ones if slot.due_on >= row.due_on and slot.standing in _UNMET]
        if run:
            return run
    upcoming = [slot for slot in slots if slot.opens_on > row.on]
    return upcoming[:1] if row.standing == "upcoming" else open_ones[-1:]


_OVER: dict[RollUpStanding, str] = {
    "declined": "The patient declined this monitoring. It is still computed and shown.",
    "suspended": "Care was transferred out, so nobody here is asked until the patient comes back.",
    "waived": "A prescriber waived it. The reason is with the recorded waiver.",
    "cancelled": "Ended by death: nothing that was still open is owed.",
    "complete": "Everything this requirement asked for is done: nothing more will be due.",
    "ended": "Monitoring of this requirement is over: nothing more will be due.",
    "not_applicable": "It is not owed by this patient.",
}


def _answer(line: Line, row: RollUp, run: Sequence[Slot]) -> tuple[str, str]:
    """A sentence, and the date it ends on."""
    if row.days_overdue and row.due_on:
        return _overdue(line, row, run), f"{long_day(row.due_on)}, {count(row.days_overdue, 'day')} ago"
    if row.standing == "due" and row.due_on:
        return "The window is open. It is not overdue until the day after", long_day(row.due_on)
    if row.standing == "upcoming" and run:
        opens = full_day(run[0].opens_on)
        return f"The last one is in order. The next window opens on {opens}; it is due on", long_day(run[0].due_on)
    return _OVER.get(row.standing, "Nothing is owed on this day."), ""


def _overdue(line: Line, row: RollUp, run: Sequence[Slot]) -> str:
    name = first_lower(line.title)
    refused = "The patient declined this monitoring; it stays open. " if row.standing == "declined" else ""
    if len(run) < 2 or line.rolling:
        return f"{refused}No complete {name} was collected in time. It was due on"
    dues = listing([short_day(slot.due_on, row.on) for slot in run[-_SHOWN:]])
    windows = f"{count(len(run), 'window')} in a row, the last of them" if len(run) > _SHOWN else "the windows"
    return f"{refused}No complete {name} was collected in {windows} due {dues}. Overdue counts from the oldest:"


def _to_close(line: Line, row: RollUp, run: Sequence[Slot]) -> str:
    if row.standing not in {"overdue", "due", "declined"}:
        return ""
    wanted = first_upper(listing(row.missing)) if row.missing else line.title
    by = f", by {weekday(row.slot_closes_on, row.on)}" if row.slot_closes_on else "; it stays open until done"
    said = [f"{wanted}{by}."]
    present = [part for part in line.components if part not in row.missing]
    if row.partial and present:
        said.append(f"{first_upper(listing(present))} already in.")
    missed = [slot for slot in run if slot.standing == "missed"]
    if missed:
        said.append(_lost(missed, row))
    return " ".join(said)


def _lost(missed: Sequence[Slot], row: RollUp) -> str:
    if len(missed) > _SHOWN:
        what = f"The {count(len(missed), 'window')} missed since {short_day(missed[0].due_on, row.on)} stay missed"
    else:
        stay = "stays" if len(missed) == 1 else "stay"
        what = f"What was due {listing([short_day(slot.due_on, row.on) for slot in missed])} {stay} missed"
    return f"{what}; a test today cannot make up for it."


def _letters(slot: Slot, found: Sequence[Looked], entries: Sequence[TimelineEntry]) -> str:
    versions = {entry.fact_id: entry.version for entry in entries}
    facts = {versions.get(one.fact_id) for one in slot.evidence}
    letters = [
        one.letter for one in found if one.version in facts and any(e.occurred_on == one.day for e in slot.evidence)
    ]
    return f"evidence {', '.join(letters)}" if letters else "no evidence in this window"
