"""What would change for one treatment if some facts were recorded now (docs/contract.md §3.14)."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question, from_microseconds
from services.monitoring.reading.forecast import MOST_MONTHS, months_after
from services.monitoring.reading.hypothetical import Posted, as_recorded
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
from services.monitoring.reading.treatment import EpisodeView, episode_view
from services.monitoring.rules.answers import RollUpStanding
from services.monitoring.rules.believing import day_of
from services.monitoring.rules.comparing import Look, caused, causes, difference, look
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment
from shared.problems import FieldError
from shared.strict_json import InvalidJson

_FAR = f"must not lie more than {MOST_MONTHS // 12} years after now"


class Next(Struct, frozen=True):
    """What can be closed next of a requirement: `obligation_id` and `due_on` are None where nothing can be."""

    standing: RollUpStanding
    obligation_id: str | None
    due_on: date | None


class NextDue(Struct, frozen=True):
    """Of one requirement, as it is and as it would be; None = the requirement has no roll-up."""

    requirement: str
    title: str
    before: Next | None
    after: Next | None


class Until(Struct, frozen=True):
    """The episodes and the last day of monitoring; None without an infusion."""

    version: int
    ends_on: date | None
    episodes: tuple[EpisodeView, ...]


class Simulation(Struct, frozen=True):
    """`facts` in the order they were sent, under the ids that the other answers call them by."""

    clocks: Clocks
    treatment: str
    on: date
    facts: tuple[FactDifference, ...]
    before: Until
    after: Until
    next_due: tuple[NextDue, ...]
    slots: tuple[SlotDifference, ...]
    roll_ups: tuple[RollUpDifference, ...]


def read_simulation(
    connection: Connection, library: Library, treatment: str, question: Question, posted: Sequence[Posted]
) -> Simulation:
    """Nothing is stored. Raises UnknownTreatment and UnknownProtocol, and InvalidJson for a fact too far ahead."""
    found = known(connection, library, treatment, question)
    now = library.clock.now()
    last = months_after(now.date(), MOST_MONTHS)
    by = question.known_by(opened(found.facts).zone)
    facts = tuple(as_recorded(posted, found.facts, now if by is None else min(now, from_microseconds(by))))
    clinic = found.treatment.belief.who.clinic
    far = [place for place, fact in enumerate(facts) if day_of(fact, clinic) > last]
    if far:
        raise InvalidJson([FieldError(f"/facts/{place}/{_when(facts[place])}", _FAR) for place in far])
    after = Treatment(found.treatment.edition, [*found.facts, *facts])
    return simulated(found.clocks, found.treatment, after, found.on)


def _when(fact: Fact) -> str:
    return "occurred_on" if fact.occurred_at is None else "occurred_at"


def simulated(clocks: Clocks, before: Treatment, after: Treatment, on: date) -> Simulation:
    """`after` knows some facts more than `before`, all of them later in the log."""
    was, now = look(before, on), look(after, on)
    folded = tuple(caused(before, list(after.facts)[len(before.facts) :], on))
    why = causes(folded)
    changed = difference(was, now)
    return Simulation(
        clocks=clocks,
        treatment=before.belief.treatment,
        on=on,
        facts=fact_differences(folded, after),
        before=_until(before, was),
        after=_until(after, now),
        next_due=_next_due(after, was, now),
        slots=slot_differences(changed, why),
        roll_ups=roll_up_differences(changed, why),
    )


def _until(treatment: Treatment, seen: Look) -> Until:
    ends_on = seen.episodes[-1].ends_on if seen.episodes else None
    return Until(treatment.belief.version, ends_on, tuple(map(episode_view, seen.episodes)))


def _next_due(treatment: Treatment, was: Look, now: Look) -> tuple[NextDue, ...]:
    return tuple(
        NextDue(name, asked.title, _next(was, name), _next(now, name))
        for name, asked in treatment.edition.requirements.items()
        if name in was.lines or name in now.lines
    )


def _next(seen: Look, requirement: str) -> Next | None:
    line = seen.lines.get(requirement)
    return None if line is None else Next(line.standing, line.obligation_id, line.slot_due_on)
