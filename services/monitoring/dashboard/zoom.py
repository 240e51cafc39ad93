"""The windows in question as boxes: due dates above, lettered evidence below at its true date, today on the scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.monitoring.dashboard.axis import Axis
from services.monitoring.dashboard.lanes import slot_name
from services.monitoring.dashboard.marks import slot_mark, word
from services.monitoring.dashboard.words import short_day
from services.monitoring.rules.answers import Slot

_APART = 6.0  # percent between two labels on one scale


@dataclass(frozen=True, slots=True)
class Box:
    """`opens` is empty where its label would run into another's."""

    x: str
    width: str
    name: str
    standing: str
    bad: bool
    due_x: str
    due: str
    opens: str


@dataclass(frozen=True, slots=True)
class Letter:
    letter: str
    x: str


@dataclass(frozen=True, slots=True)
class Zoom:
    """`closes` is the day after the last box, as its right edge says; `today` is None where it is not in view."""

    label: str
    boxes: tuple[Box, ...]
    letters: tuple[Letter, ...]
    closes: str
    today: str | None
    today_anchor: str


def zoom(slots: Sequence[Slot], letters: Sequence[tuple[str, date]], on: date) -> Zoom | None:
    """None for items without windows that close."""
    closing = [(slot, slot.closes_on) for slot in slots if slot.closes_on is not None]
    if not closing:
        return None
    end = max(closes for _, closes in closing) + timedelta(days=1)
    axis = Axis(min(slot.opens_on for slot, _ in closing), end)
    placed = tuple(Letter(letter, axis.x(day)) for letter, day in letters if axis.holds(day))
    today = axis.x(on) if axis.holds(on) else None
    boxes = tuple(_box(axis, slot, closes, on) for slot, closes in closing)
    label = " ".join(f"{box.name}: {box.due}, {box.standing}." for box in boxes)
    anchor = "end" if axis.at(on) > 100 - _APART else "start" if axis.at(on) < _APART else "middle"
    return Zoom(label, boxes, placed, "" if _near(axis, end, on) else short_day(end, on), today, anchor)


def _box(axis: Axis, slot: Slot, closes: date, on: date) -> Box:
    mark = slot_mark(slot)
    width = axis.at(closes + timedelta(days=1)) - axis.at(slot.opens_on)
    return Box(
        x=axis.x(slot.opens_on),
        width=f"{width:.2f}%",
        name=slot_name(slot).removesuffix(": ") or "Window",
        standing=word(mark),
        bad=mark in {"overdue", "overdue_partly", "missed", "declined"},
        due_x=axis.x(slot.due_on),
        due=f"due {short_day(slot.due_on, on)}",
        opens="" if _near(axis, slot.opens_on, on) else short_day(slot.opens_on, on),
    )


def _near(axis: Axis, day: date, on: date) -> bool:
    return axis.holds(on) and abs(axis.at(day) - axis.at(on)) < _APART
