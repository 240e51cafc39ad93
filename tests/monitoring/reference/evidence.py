"""What counts towards a requirement's components, and when (clinical.md §2.3, traps 4–10)."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.v1 import facts as v1
from tests.monitoring.reference.calendar import When, when
from tests.monitoring.reference.protocol import Component, Requirement
from tests.monitoring.reference.statements import Thing

COUNTS = {"final", "corrected", "amended", "appended"}


@dataclass(frozen=True)
class Shown:
    """One code or word that counts, when, and the original record of what showed it."""

    what: str
    when: When
    specimen: str | None
    original: str
    version: int


def shown(things: list[Thing], zone: str, on: date, death: date | None) -> list[Shown]:
    """What happened by `on` and not after the death."""
    found: list[Shown] = []
    for thing in things:
        key = (thing.original.fact_id, thing.original.version)
        found += [
            Shown(entry.result.code, when(entry.said_by, zone), entry.specimen, *key)
            for entry in thing.entries.values()
            if entry.status in COUNTS and entry.result.system == v1.LOINC
        ]
        if not thing.entries:
            moment = when(thing.deciding, zone)
            found += [Shown(word, moment, None, *key) for word in sorted(thing.words)]
    last = min(on, death) if death else on
    return [one for one in found if one.when.first <= last]


def of_component(requirement: Requirement, part: Component, everything: list[Shown]) -> list[Shown]:
    """A percentage counts from the day on which the count that it needs is there too, of the same specimen."""
    found = [one for one in everything if one.what in part.codes or one.what in part.acts]
    if part.percentages:
        [other] = [one for one in requirement.components if one.name == part.needs]
        counts = [one for one in everything if one.what in other.codes]
        for one in everything:
            if one.what not in part.percentages:
                continue
            beside = [count.when for count in counts if count.specimen == one.specimen]
            if beside:
                moment = max(one.when, min(beside, key=_order), key=_order)
                found.append(Shown(one.what, moment, one.specimen, one.original, one.version))
    return found


def _order(moment: When) -> tuple[date, float]:
    return (moment.first, moment.instant.timestamp() if moment.instant else 0.0)
