"""What will be due until a day if nothing more is recorded, in order, by requirement and by the day of the visit."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from services.monitoring.rules.answers import Applicability, Slot, SlotStanding
from services.monitoring.rules.calendar import day_after
from services.monitoring.rules.edition import Basis, Edition, Requirement
from services.monitoring.rules.treatment import Treatment

AWAITED = frozenset({"upcoming", "due", "overdue", "declined", "suspended", "waived"})


class Due(Struct, frozen=True):
    """One obligation to come, in the date words of immunisation forecasts.

    It may be done from `earliest` on, is on time up to `due`, overdue from `overdue_from`, and lost after `latest`
    (None = stays open). `standing` is that of the day judged, `unless_done` the one that it will have on the last day.
    """

    obligation_id: str
    requirement: str
    title: str
    slot: int | None
    close_out: bool
    earliest: date
    due: date
    overdue_from: date
    latest: date | None
    standing: SlotStanding
    unless_done: SlotStanding
    missing: tuple[str, ...]
    applicability: Applicability


class DueLine(Struct, frozen=True):
    """The due dates of one requirement and the obligations that they are of, in the same order."""

    requirement: str
    title: str
    specimen: str
    severity: str
    basis: Basis
    due: tuple[date, ...]
    obligations: tuple[str, ...]


class Visit(Struct, frozen=True):
    """What falls due on one day, and what has to be taken for it; what is overdue falls on the day judged."""

    on: date
    obligations: tuple[str, ...]
    specimens: tuple[str, ...]


class Forecast(Struct, frozen=True):
    """`obligations` by due date, then requirement."""

    on: date
    until: date
    obligations: tuple[Due, ...]
    requirements: tuple[DueLine, ...]
    visits: tuple[Visit, ...]


def forecast(treatment: Treatment, on: date, until: date) -> Forecast:
    """As judged on `on`; `until` is inclusive. What follows from a test not done yet can't be told."""
    edition = treatment.edition
    slots: list[Slot] = []
    later: dict[str, SlotStanding] = {}
    for name in edition.requirements:
        chapter = treatment.chapter(name)
        slots += [slot for slot in chapter.slots(on) if slot.standing in AWAITED and slot.due_on <= until]
        later.update((slot.obligation_id, slot.standing) for slot in chapter.judged(until))
    order = {name: place for place, name in enumerate(edition.requirements)}
    slots.sort(key=lambda slot: (slot.due_on, order[slot.requirement], slot.obligation_id))
    dues = tuple(_due(slot, edition.requirements[slot.requirement], later) for slot in slots)
    lines = (_line(one, dues) for one in edition.requirements.values())
    return Forecast(on, until, dues, tuple(line for line in lines if line.due), _visits(dues, edition, on))


def _due(slot: Slot, asked: Requirement, later: dict[str, SlotStanding]) -> Due:
    return Due(
        obligation_id=slot.obligation_id,
        requirement=slot.requirement,
        title=asked.title,
        slot=slot.slot,
        close_out=slot.close_out,
        earliest=slot.opens_on,
        due=slot.due_on,
        overdue_from=day_after(slot.due_on),
        latest=slot.closes_on,
        standing=slot.standing,
        unless_done=later.get(slot.obligation_id, slot.standing),
        missing=slot.missing,
        applicability=slot.applicability,
    )


def _line(asked: Requirement, dues: Sequence[Due]) -> DueLine:
    mine = [one for one in dues if one.requirement == asked.id]
    return DueLine(
        asked.id,
        asked.title,
        asked.specimen,
        asked.severity,
        asked.basis,
        tuple(one.due for one in mine),
        tuple(one.obligation_id for one in mine),
    )


def _visits(dues: Sequence[Due], edition: Edition, on: date) -> tuple[Visit, ...]:
    """They come by due date, and so do the days."""
    by_day: defaultdict[date, list[Due]] = defaultdict(list)
    for one in dues:
        by_day[max(one.due, on)].append(one)
    return tuple(
        Visit(
            day,
            tuple(one.obligation_id for one in mine),
            tuple(dict.fromkeys(edition.requirements[one.requirement].specimen for one in mine)),
        )
        for day, mine in by_day.items()
    )
