"""What changed in belief about one treatment between two instants, and by which fact (docs/contract.md §3.16)."""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question, instant_text, microseconds
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import known, opened
from services.monitoring.reading.told import (
    FactDifference,
    RollUpDifference,
    SlotDifference,
    fact_differences,
    roll_up_differences,
    slot_differences,
)
from services.monitoring.rules.comparing import caused, causes, difference, look
from services.monitoring.rules.treatment import Treatment


class Backwards(ValueError):
    """The second instant is before the first, in words that follow the parameter's name."""


class Believed(Struct, frozen=True):
    """By everything recorded up to `known_at` (None = all there is); `version` is the last of it, 0 = nothing."""

    known_at: str | None
    version: int


class BeliefDiff(Struct, frozen=True):
    """Both beliefs judged on `on`; `facts` are those recorded after the first and up to the second, in log order."""

    clocks: Clocks
    treatment: str
    on: date
    before: Believed
    after: Believed
    slots: tuple[SlotDifference, ...]
    roll_ups: tuple[RollUpDifference, ...]
    facts: tuple[FactDifference, ...]


def read_diff(
    connection: Connection, library: Library, treatment: str, question: Question, start: datetime | date
) -> BeliefDiff:
    """From what was known at `start` to what the question knows. Raises those of `known`, and Backwards."""
    found = known(connection, library, treatment, question)
    zone = opened(found.facts).zone
    first, last = Question(known_at=start).known_by(zone), question.known_by(zone)
    if first is None or (last is not None and last < first):
        raise Backwards("must not be before from")
    old = [fact for fact in found.facts if microseconds(fact.recorded_at) <= first]
    # What an edition that was activated in between makes of it is a difference that no fact caused.
    edition, after = found.treatment.edition, found.treatment
    judging = library.editions.at(opened(found.facts).protocol, first) or edition
    before = Treatment(judging, old)
    changed = difference(look(before, found.on), look(after, found.on))
    folded = tuple(caused(Treatment(edition, old), found.facts[len(old) :], found.on))
    why = causes(folded)
    return BeliefDiff(
        clocks=found.clocks,
        treatment=after.belief.treatment,
        on=found.on,
        before=Believed(instant_text(first), before.belief.version),
        after=Believed(None if last is None else instant_text(last), after.belief.version),
        slots=slot_differences(changed, why),
        roll_ups=roll_up_differences(changed, why),
        facts=fact_differences(folded, after),
    )
