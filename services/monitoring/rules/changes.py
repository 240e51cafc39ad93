"""What to announce: the difference between two assessments (facts), or between two days (dates).

Kinds and their meaning: docs/contract.md §3.6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from services.monitoring.rules.answers import Assessment, Episode, Slot, SlotStanding
from services.monitoring.rules.calendar import day_after
from shared.contracts.v1.announcements import Kind


@dataclass(frozen=True, slots=True)
class Change:
    """One announcement without its position and cause.

    `opened` is one per requirement and episode: `obligation_id`, `due_on` and `standing` are those of its first slot,
    `slots_from` and `slots_to` the first and last slot number (None for close-out and rolling slots).
    `effective_on` is the clinic date from which it holds.
    """

    kind: Kind
    effective_on: date
    requirement: str
    obligation_id: str
    due_on: date
    standing: SlotStanding
    slots_from: int | None = None
    slots_to: int | None = None


SATISFIED = frozenset({"done", "done_late"})
AWAITED = frozenset({"upcoming", "due", "overdue"})


def changes(before: Assessment | None, after: Assessment) -> list[Change]:
    """What a fact changed, from the assessments without and with it at one `on`, in the order of the slots."""
    gone_over = renumbered(before.episodes if before else (), after.episodes)
    old = {slot.obligation_id: slot for slot in before.slots} if before else {}
    gone = [key for key, slot in old.items() if slot.episode in gone_over]
    found = [_change("withdrawn", slot, after.on) for slot in map(old.pop, gone) if _exists(slot)]
    new = {slot.obligation_id for slot in after.slots}
    fresh = [slot for slot in after.slots if _exists(slot) and not _exists(old.get(slot.obligation_id))]
    found.extend(_opened(fresh, after.on))
    for slot in after.slots:
        was = old.get(slot.obligation_id)
        if was is not None and _exists(was):
            found.extend(_change(kind, slot, after.on) for kind in _kinds(was, slot))
        elif _exists(slot):
            found.extend(_change(kind, slot, after.on) for kind in _kinds_of_new(slot))
    # A requirement that no longer applies lists no slots: what it had listed is withdrawn.
    found.extend(_change("withdrawn", slot, after.on) for key, slot in old.items() if key not in new and _exists(slot))
    return found


def transitions(slots: Iterable[Slot], after_day: date, through_day: date) -> list[Change]:
    """What the dates alone brought about in (after_day, through_day], in date order.

    `slots` are those assessed on `through_day`; a slot that was satisfied, waived, suspended, declined or cancelled by
    then is announced only for the days on which it was still waiting.
    """
    found = [
        Change(kind, day, slot.requirement, slot.obligation_id, slot.due_on, standing)
        for slot in slots
        for kind, day, standing in _crossings(slot)
        if after_day < day <= through_day and _waiting(slot, day)
    ]
    return sorted(found, key=lambda change: (change.effective_on, change.requirement, change.obligation_id))


def renumbered(before: Iterable[Episode], after: Iterable[Episode]) -> frozenset[int]:
    """R9: the numbers that an episode left or took over; under them no obligation is the one that it was."""
    left = {one.anchor: one.episode for one in before}
    taken = {one.anchor: one.episode for one in after}
    return frozenset(
        number
        for anchor in left.keys() & taken.keys()
        if left[anchor] != taken[anchor]
        for number in (left[anchor], taken[anchor])
    )


def _exists(slot: Slot | None) -> bool:
    return slot is not None and slot.standing != "withdrawn"


def _change(kind: Kind, slot: Slot, on: date) -> Change:
    return Change(kind, on, slot.requirement, slot.obligation_id, slot.due_on, slot.standing)


def _opened(fresh: list[Slot], on: date) -> Iterable[Change]:
    for _, group in groupby(fresh, key=lambda slot: (slot.requirement, slot.episode)):
        slots = list(group)
        numbers = [slot.slot for slot in slots if slot.slot is not None]
        first = slots[0]
        yield Change(
            "opened",
            on,
            first.requirement,
            first.obligation_id,
            first.due_on,
            first.standing,
            min(numbers, default=None),
            max(numbers, default=None),
        )


_BY_STANDING: dict[SlotStanding, Kind] = {
    "due": "became-due",
    "overdue": "became-overdue",
    "missed": "became-missed",
    "done": "satisfied",
    "done_late": "satisfied",
    "withdrawn": "withdrawn",
    "waived": "waived",
    "suspended": "suspended",
    "declined": "declined",
    "cancelled": "cancelled",
}


def _kinds(was: Slot, now: Slot) -> Iterable[Kind]:
    if now.standing != "withdrawn" and was.due_on != now.due_on:
        yield "rescheduled"
    if was.standing == now.standing or {was.standing, now.standing} <= SATISFIED:
        return
    if was.standing in {"suspended", "declined"} and now.standing in AWAITED:
        yield "resumed"
    elif was.standing in {"done", "done_late", "waived", "cancelled"} and now.standing in {*AWAITED, "missed"}:
        yield "reopened"
    if now.standing in _BY_STANDING:
        yield _BY_STANDING[now.standing]


def _kinds_of_new(slot: Slot) -> Iterable[Kind]:
    if slot.standing in _BY_STANDING:
        yield _BY_STANDING[slot.standing]


def _crossings(slot: Slot) -> Iterable[tuple[Kind, date, SlotStanding]]:
    yield "became-due", slot.opens_on, "due"
    yield "became-overdue", day_after(slot.due_on), "overdue"
    if slot.closes_on is not None:
        yield "became-missed", day_after(slot.closes_on), "missed"


def _waiting(slot: Slot, day: date) -> bool:
    if slot.completed_on is not None:
        return slot.completed_on > day
    return slot.standing in {"due", "overdue", "missed"}
