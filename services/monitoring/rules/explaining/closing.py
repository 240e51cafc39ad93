"""What would close an obligation: which parts, from which day, by when; and what nothing can make up any more."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from services.monitoring.rules.answers import Slot, SlotStanding
from services.monitoring.rules.explaining.words import day, listing

How = Literal["collect", "wait", "record", "nothing"]
_NAMED = 3  # missed due dates named in a sentence

_FIRST: dict[SlotStanding, str] = {
    "waived": "Nothing is asked while the waiver holds; evidence closes it all the same. ",
    "suspended": "Nobody here is asked while care is elsewhere; what is done there and recorded counts. ",
    "declined": "It stays open although it was declined. ",
}


class Lost(Struct, frozen=True):
    """An earlier obligation of the same requirement that was missed and stays so."""

    obligation_id: str
    due_on: date


class Closing(Struct, frozen=True):
    """`how`: collect the components now, wait for the window, record what was collected in time, or nothing does.

    `from_on` and `by` are the days on which it must be collected or done (inclusive; `by` None = without an end); it
    is on time up to `on_time_by`.
    """

    how: How
    components: tuple[str, ...]
    from_on: date | None
    on_time_by: date | None
    by: date | None
    cannot_be_made_up: tuple[Lost, ...]
    text: str


def closing(slot: Slot, siblings: Sequence[Slot], components: tuple[str, ...], on: date) -> Closing:
    """`siblings` are the slots of the same requirement, in due order."""
    how = _how(slot, on)
    lost = _lost(slot, siblings) if how in {"collect", "wait"} else ()
    if how == "nothing":
        return Closing(how, (), None, None, None, lost, _nothing(slot))
    missing = slot.missing or components
    text = ("" if how == "record" else _FIRST.get(slot.standing, "")) + _text(how, slot, missing)
    return Closing(how, missing, slot.opens_on, slot.due_on, slot.closes_on, lost, text + _stays_missed(lost))


def _how(slot: Slot, on: date) -> How:
    if slot.standing in {"done", "done_late", "withdrawn", "cancelled"}:
        return "nothing"
    if slot.closes_on is not None and slot.closes_on < on:
        return "record"  # evidence beats whatever else it came to (R13)
    return "wait" if on < slot.opens_on else "collect"


def _lost(slot: Slot, siblings: Sequence[Slot]) -> tuple[Lost, ...]:
    """Those missed since the last one that was done."""
    found: list[Lost] = []
    for other in siblings:
        if other.episode != slot.episode or other.due_on >= slot.due_on:
            continue
        if other.standing in {"done", "done_late"}:
            found = []
        elif other.standing == "missed":
            found.append(Lost(other.obligation_id, other.due_on))
    return tuple(found)


def _stays_missed(lost: Sequence[Lost]) -> str:
    if not lost:
        return ""
    if len(lost) > _NAMED:
        what = f"The {len(lost)} missed since {day(lost[0].due_on)} stay"
    else:
        what = f"What was due on {listing([day(one.due_on) for one in lost])} {'stays' if len(lost) == 1 else 'stay'}"
    return f" {what} missed: a test now cannot make up for it."


def _text(how: How, slot: Slot, missing: Sequence[str]) -> str:
    wanted = listing(missing)
    if how == "record":
        last = slot.closes_on or slot.due_on
        return (
            f"Its window is over. Only {wanted} of {day(slot.opens_on)} to {day(last)}, "
            "recorded later, would still fill it."
        )
    start = f"from {day(slot.opens_on)}" if how == "wait" else f"of {day(slot.opens_on)} or later"
    if slot.closes_on is None:
        return f"To close it: {wanted}, {start}; it stays open until it is done, and is on time by {day(slot.due_on)}."
    return f"To close it: {wanted}, {start}, by {day(slot.closes_on)}; on time is by {day(slot.due_on)}."


def _nothing(slot: Slot) -> str:
    match slot.standing:
        case "done" | "done_late":
            return "It is closed: nothing more is needed for it."
        case "withdrawn":
            return "It is owed no more: nothing is needed for it."
        case _:
            return "Monitoring ended: nothing more is needed for it."
