"""Which mark and which word a standing has: circle = closed, square = open, cross = lost, line = not owed here."""

from dataclasses import dataclass
from typing import Literal, assert_never

from services.monitoring.rules.answers import RollUp, RollUpStanding, Slot, SlotStanding

Mark = Literal[
    "overdue",
    "overdue_partly",
    "due",
    "due_partly",
    "done",
    "done_late",
    "missed",
    "upcoming",
    "not_monitored_here",
    "waived",
    "declined",
    "suspended",
    "withdrawn",
    "cancelled",
]
WORDS: dict[Mark, str] = {
    "overdue": "Overdue",
    "overdue_partly": "Overdue, partly done",
    "due": "Due",
    "due_partly": "Due, partly done",
    "done": "Done",
    "done_late": "Done late",
    "missed": "Missed",
    "upcoming": "Upcoming",
    "not_monitored_here": "Not monitored here",
    "waived": "Waived",
    "declined": "Declined",
    "suspended": "Suspended",
    "withdrawn": "Withdrawn",
    "cancelled": "Cancelled",
}
# From what a nurse must see to what needs nothing: the order in which one mark hides another.
WORST_FIRST: tuple[Mark, ...] = (
    "overdue",
    "overdue_partly",
    "missed",
    "declined",
    "due",
    "due_partly",
    "done_late",
    "done",
    "waived",
    "suspended",
    "not_monitored_here",
    "cancelled",
    "withdrawn",
    "upcoming",
)
_TONE: dict[Mark, str] = {
    "overdue": "overdue",
    "overdue_partly": "overdue",
    "missed": "missed",
    "declined": "missed",
    "due": "due",
    "due_partly": "due",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A mark, its word and the hue's class: always all three together."""

    mark: Mark | None
    word: str
    tone: str


def slot_mark(slot: Slot) -> Mark:
    """The mark of one window."""
    return _mark(slot.standing, slot.partial)


def word(mark: Mark) -> str:
    """In the middle of a sentence: "overdue, partly done"."""
    return WORDS[mark].lower()


def sign(mark: Mark) -> Sign:
    """The mark with its word and hue."""
    return Sign(mark, WORDS[mark], _TONE.get(mark, "in-order"))


def roll_up_sign(row: RollUp) -> Sign:
    """The sign of a whole requirement; three of its standings have a word and no mark of their own."""
    standing: RollUpStanding = row.standing
    match standing:
        case "not_applicable":
            return Sign(None, "Does not apply", "in-order")
        case "ended":
            return Sign(None, "Ended", "in-order")
        case "complete":
            return Sign("done", "Complete", "in-order")
        case "overdue" | "due" | "upcoming" | "declined" | "waived" | "suspended" | "cancelled":
            return sign(_mark(standing, row.partial))
        case _:
            assert_never(standing)


def worst(marks: list[Mark]) -> Mark:
    """The one that hides the others."""
    return min(marks, key=WORST_FIRST.index)


def _mark(standing: SlotStanding, partial: bool) -> Mark:
    if partial and standing == "overdue":
        return "overdue_partly"
    if partial and standing == "due":
        return "due_partly"
    return standing
