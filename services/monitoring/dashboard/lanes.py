"""One lane of the whole-course picture: windows as rails, marks at their dates, the red line of what is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.monitoring.dashboard.axis import Axis
from services.monitoring.dashboard.lines import Line
from services.monitoring.dashboard.marks import Mark, slot_mark, word
from services.monitoring.dashboard.strip import tally
from services.monitoring.dashboard.words import count, full_day, short_day
from services.monitoring.rules.answers import RollUp, Slot

BESIDE = 11  # px between the marks of one day
_GAP = 0.12  # percent between the rails of two windows


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the lane, in percent."""

    x1: str
    x2: str
    width: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark at its date; the title is what a pointer or a screen reader is told."""

    mark: str
    x: str
    title: str
    shift: int = 0  # px to the right, beside another of the same day


@dataclass(frozen=True, slots=True)
class Lane:
    """`rails` are windows that are monitored here, `hatched` those that are not; `red` runs from due date to today."""

    label: str
    rails: tuple[Segment, ...]
    hatched: tuple[Segment, ...]
    red: Segment | None
    marks: tuple[Placed, ...]


def lane(axis: Axis, line: Line, row: RollUp, slots: Sequence[Slot], ends_on: date) -> Lane:
    """All slots of one requirement: a mark stands at the due date, that of a rolling item where it was done."""
    marks = [slot_mark(slot) for slot in slots]
    rails: list[Segment] = []
    hatched: list[Segment] = []
    placed: list[Placed] = []
    for slot, mark in zip(slots, marks, strict=True):
        title = slot_title(slot, mark)
        window = _window(axis, slot, ends_on)
        if mark == "not_monitored_here":
            if window:
                hatched.append(Segment(window.x1, window.x2, window.width, title))
            continue
        if window and slot.closes_on is not None and mark != "withdrawn":
            rails.append(window)
        day = _stands_on(slot)
        if axis.holds(day):
            placed.append(Placed(mark, axis.x(day), title))
    if line.rolling:
        rails = [_segment(axis, axis.first, min(ends_on, axis.last))]
    label = f"{line.title}, {count(len(slots), 'window')}: {tally(marks)}." if slots else f"{line.title}: no windows."
    return Lane(label, tuple(rails), tuple(hatched), _red(axis, row), tuple(placed))


def together(axis: Axis, rows: Sequence[tuple[Line, RollUp, Sequence[Slot]]]) -> Lane:
    """What several requirements that are asked for once owe, in one lane: marks of one day stand side by side."""
    slots = sorted(
        ((slot, line) for line, _, owed in rows for slot in owed), key=lambda one: (one[0].due_on, one[0].requirement)
    )
    marks = [slot_mark(slot) for slot, _ in slots]
    placed: list[Placed] = []
    for (slot, line), mark in zip(slots, marks, strict=True):
        if axis.holds(slot.due_on):
            x = axis.x(slot.due_on)
            beside = sum(other.x == x for other in placed)
            placed.append(Placed(mark, x, f"{line.title}: {slot_title(slot, mark)}", beside * BESIDE))
    overdue = [row for _, row, _ in rows if row.standing == "overdue"]
    late = min(overdue, key=lambda row: row.due_on or row.on, default=None)
    label = f"Tests after a finding, {count(len(slots), 'obligation')}: {tally(marks)}."
    return Lane(label, (), (), _red(axis, late) if late else None, tuple(placed))


def slot_title(slot: Slot, mark: Mark) -> str:
    """ "Slot 30: due 6 Sep 2025, window 30 Aug 2025 to 28 Sep 2025, done, collected 1 Sep 2025"."""
    said = [f"{slot_name(slot)}due {full_day(slot.due_on)}"]
    if slot.closes_on is not None:
        said.append(f"window {full_day(slot.opens_on)} to {full_day(slot.closes_on)}")
    said.append(word(mark))
    if slot.completed_on is not None:
        said.append(f"complete {full_day(slot.completed_on)}")
    return ", ".join(said)


def slot_name(slot: Slot) -> str:
    """ "Slot 30: ", "Close-out: " or nothing for items that have no numbers."""
    if slot.close_out:
        return "Close-out: "
    return "" if slot.slot is None else f"Slot {slot.slot}: "


def _stands_on(slot: Slot) -> date:
    return slot.completed_on if slot.closes_on is None and slot.completed_on else slot.due_on


def _window(axis: Axis, slot: Slot, ends_on: date) -> Segment | None:
    closes = slot.closes_on or ends_on
    if closes < axis.first or slot.opens_on > axis.last:
        return None
    return _segment(axis, slot.opens_on, min(closes + timedelta(days=1), axis.last), _GAP)


def _segment(axis: Axis, first: date, last: date, gap: float = 0.0) -> Segment:
    x1, x2 = axis.at(first), max(axis.at(last) - gap, axis.at(first))
    return Segment(f"{x1:g}%", f"{x2:.2f}%", f"{x2 - x1:.2f}%")


def _red(axis: Axis, row: RollUp) -> Segment | None:
    if row.standing != "overdue" or row.due_on is None or row.on < axis.first:
        return None
    first, last = max(row.due_on, axis.first), min(row.on, axis.last)
    title = f"Overdue since {short_day(row.due_on, row.on)}"
    x1, x2 = axis.at(first), axis.at(last)
    return Segment(f"{x1:g}%", f"{x2:g}%", f"{x2 - x1:.2f}%", title)
