"""Which requirements a new fact can change, and from which date on: what keeps a projection's work small.

It may name too much, never too little: outside of what it names, every answer is the same with and without the fact.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple

from services.monitoring.rules.alone import stands_alone
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import believe
from services.monitoring.rules.edition import Edition, components_by_code
from services.monitoring.rules.evidence import SATISFYING
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import Void
from shared.contracts.v1.facts import (
    DemographicsCorrected,
    TreatmentOpened,
)


class Touch(NamedTuple):
    """A requirement (None = all) changes from a day on (None = for every `on`)."""

    requirement: str | None
    day: date | None


def affected(edition: Edition, facts_before: Iterable[Fact], new: Fact) -> dict[str, date | None]:
    """The requirements that `new` can change, each with the first `on` that may change (None = any).

    A fact that changes nothing gives {}.
    """
    before = list({fact.fact_id: fact for fact in facts_before}.values())
    if any(fact.fact_id == new.fact_id for fact in before):
        return {}
    if any(fact.position > new.position for fact in before):
        return dict.fromkeys(edition.requirements)  # an earlier fact arriving late can change what others did since
    if stands_alone(before, new):
        before = [fact for fact in before if isinstance(fact.data, TreatmentOpened | DemographicsCorrected | Void)]
    touches = _differences(edition, believe(before), believe([*before, new]))
    return _earliest(edition, touches)


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
    if before.who != after.who:
        yield from _demographics(edition, before, after)
    for infusion in set(before.infusions) ^ set(after.infusions):
        yield Touch(None, infusion.first)
    yield from _readings(edition, before, after)
    for requirement in edition.requirements.values():
        for part in requirement.components:
            exams = set(before.exams.get(part.exam or "", ())) ^ set(after.exams.get(part.exam or "", ()))
            forms = set(before.forms.get(part.form or "", ())) ^ set(after.forms.get(part.form or "", ()))
            for event in exams | forms:
                yield Touch(requirement.id, event.day)
    for transfer in set(before.transfers) ^ set(after.transfers):
        yield Touch(None, transfer[0])
    for refusal in set(before.refusals) ^ set(after.refusals):
        for name in refusal.requirements or (None,):
            yield Touch(name, refusal.day)
    for waiver in set(before.waivers) ^ set(after.waivers):
        named = waiver.requirement or (waiver.obligation_id or "").removeprefix(f"{after.treatment}.").split(".")[0]
        yield Touch(named, waiver.day)
    if before.death != after.death:
        yield Touch(None, min(day for day in (before.death, after.death) if day is not None))


def _demographics(edition: Edition, before: Belief, after: Belief) -> Iterator[Touch]:
    was, now = before.who, after.who
    if (was.zone, was.sites, was.protocol) != (now.zone, now.sites, now.protocol):
        yield Touch(None, None)
    for requirement in edition.requirements.values():
        if requirement.applies_to == "cervix":
            yield Touch(requirement.id, None)


def _readings(edition: Edition, before: Belief, after: Belief) -> Iterator[Touch]:
    """Only what satisfies can move a roll-up; a corrected value that satisfies as before, on the same day, does not."""
    for day, code, *_ in set(_satisfying(before)) ^ set(_satisfying(after)):
        for requirement in edition.requirements.values():
            if code in components_by_code(requirement):
                yield Touch(requirement.id, day)


def _satisfying(belief: Belief) -> Iterator[tuple[date, str, str, str]]:
    for one in chain.from_iterable(belief.readings.values()):
        if one.status in SATISFYING and not one.cancelled:
            yield one.day, one.code, one.specimen_id, one.root
