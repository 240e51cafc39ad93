"""The last twelve monthly windows of a patient, each the worst of the monthly labs, newest right."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.lines import Lines
from services.monitoring.dashboard.marks import Mark, slot_mark, word, worst
from services.monitoring.rules.answers import Slot

WINDOWS = 12
STEP = 13  # px from one mark to the next


@dataclass(frozen=True, slots=True)
class Placed:
    mark: Mark
    x: float  # px, right-aligned in WINDOWS * STEP


@dataclass(frozen=True, slots=True)
class Strip:
    """`label` counts the standings for those who do not see the marks."""

    marks: tuple[Placed, ...]
    label: str


def strip(slots: Iterable[Slot], lines: Lines, on: date) -> Strip | None:
    """None where no monthly window has opened yet."""
    months: defaultdict[tuple[int, date], list[Mark]] = defaultdict(list)
    for slot in slots:
        known = lines.get(slot.requirement)
        if known and known.months == 1 and not known.rolling and slot.opens_on <= on and slot.standing != "withdrawn":
            months[slot.episode, slot.due_on].append(slot_mark(slot))
    newest = [worst(months[key]) for key in sorted(months)[-WINDOWS:]]
    if not newest:
        return None
    first = WINDOWS - len(newest)
    placed = tuple(Placed(mark, (first + index + 0.5) * STEP) for index, mark in enumerate(newest))
    return Strip(placed, f"Monthly labs, last {len(newest)} windows: {tally(newest)}.")


def tally(marks: Sequence[Mark]) -> str:
    """ "8 done, 2 done late, 1 missed": in the order in which they first occur."""
    return ", ".join(f"{marks.count(mark)} {word(mark)}" for mark in dict.fromkeys(marks))
