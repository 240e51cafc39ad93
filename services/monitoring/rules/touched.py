"""Which requirements two beliefs may answer differently, and from which date on.

It may name too much, never too little: outside of what it names, every answer is the same by both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple, TypeVar

from services.monitoring.rules.belief import Belief, Reading
from services.monitoring.rules.calendar import ONE_DAY
from services.monitoring.rules.edition import (
    Edition,
    Once,
    Timing,
    components_by_code,
    requirements_by_act,
    requirements_by_code,
    valued_codes,
)
from services.monitoring.rules.evidence import SATISFYING
from services.monitoring.rules.once import triggers

_T = TypeVar("_T")
Touched = dict[str, date | None]


class Touch(NamedTuple):
    """A requirement (None = all) changes from a day on (None = for every `on`)."""

    requirement: str | None
    day: date | None


def touched(edition: Edition, before: Belief, after: Belief) -> Touched:
    """The roll-ups that may differ, each with the first `on` that may (None = any)."""
    return _earliest(edition, _differences(edition, before, after))


def spoken(edition: Edition, found: Touched, *beliefs: Belief) -> Touched:
    """Less what only a finding asks for, where no belief has one: it was silent before and is so after."""

    def silent(timing: Timing) -> bool:
        return isinstance(timing, Once) and not any(triggers(timing, belief) for belief in beliefs)

    return {name: day for name, day in found.items() if not silent(edition.requirements[name].timing)}


def concerned(edition: Edition, before: Belief, after: Belief) -> set[str]:
    """The requirements of which two beliefs with one background have other findings, satisfying or not."""
    found: set[str] = set()
    for code in _keys(before.readings, after.readings):
        found.update(requirements_by_code(edition).get(code, ()))
    acts = (_keys(before.exams, after.exams), _keys(before.forms, after.forms), _keys(before.acts, after.acts))
    for act in chain.from_iterable(acts):
        found.update(requirements_by_act(edition).get(act, ()))
    return found


def _keys(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[str]:
    return () if before == after else [key for key in {**before, **after} if before.get(key) != after.get(key)]


def _differing(before: Sequence[_T], after: Sequence[_T]) -> Iterable[_T]:
    return () if before == after else set(before) ^ set(after)


def _earliest(edition: Edition, touches: Iterable[Touch]) -> dict[str, date | None]:
    found: dict[str, date | None] = {}
    for touch in touches:
        names = edition.requirements if touch.requirement is None else (touch.requirement,)
        for name in names:
            if name in edition.requirements:
                known = found.get(name, touch.day)
                found[name] = None if known is None or touch.day is None else min(known, touch.day)
    return found


def _differences(edition: Edition, before: Belief, after: Belief) -> Iterator[Touch]:
    if before.who is not after.who and before.who != after.who:
        yield from _demographics(edition, before, after)
    for infusion in _differing(before.infusions, after.infusions):
        yield Touch(None, infusion.first)
    yield from _readings(edition, before, after)
    for was, now in ((before.exams, after.exams), (before.forms, after.forms), (before.acts, after.acts)):
        for act in _keys(was, now):
            for event in _differing(was.get(act, ()), now.get(act, ())):
                yield from (Touch(name, event.day) for name in requirements_by_act(edition).get(act, ()))
    for transfer in _differing(before.transfers, after.transfers):
        yield Touch(None, transfer[0])
    for refusal in _differing(before.refusals, after.refusals):
        for name in refusal.requirements or (None,):
            yield Touch(name, refusal.day)
    for waiver in _differing(before.waivers, after.waivers):
        named = waiver.requirement or (waiver.obligation_id or "").removeprefix(f"{after.treatment}.").split(".")[0]
        yield Touch(named, waiver.day)
    if before.death != after.death:
        yield Touch(None, min(day for day in (before.death, after.death) if day is not None))


def _demographics(edition: Edition, before: Belief, after: Belief) -> Iterator[Touch]:
    was, now = before.who, after.who
    if (was.zone, was.sites, was.protocol) != (now.zone, now.sites, now.protocol):
        yield Touch(None, None)
    for requirement in edition.requirements.values():
        if requirement.applies_to == "cervix" and (was.sex, was.cervix) != (now.sex, now.cervix):
            yield Touch(requirement.id, None)


def _readings(edition: Edition, before: Belief, after: Belief) -> Iterator[Touch]:
    """Only what satisfies can move a roll-up; a corrected value that satisfies as before, on the same day, does not."""
    touches = {
        Touch(name, day)
        for day, code, *_ in _differing(_satisfying(before), _satisfying(after))
        for name in requirements_by_code(edition).get(code, ())
        if code in components_by_code(edition.requirements[name])
    }
    yield from touches
    for requirement in edition.requirements.values():
        codes = valued_codes(requirement)
        for one in _differing(_of(codes, before), _of(codes, after)) if codes else ():
            # It dates from its recording, by the clinic's calendar.
            yield Touch(requirement.id, min(one.day, one.recorded_at.date() - ONE_DAY))


def _of(codes: Iterable[str], belief: Belief) -> list[Reading]:
    return [one for code in codes for one in belief.readings.get(code, ())]


def _satisfying(belief: Belief) -> list[tuple[date, str, str, str, datetime | None]]:
    return [
        (one.day, one.code, one.specimen_id, one.root, one.at)
        for readings in belief.readings.values()
        for one in readings
        if one.status in SATISFYING and not one.cancelled
    ]
