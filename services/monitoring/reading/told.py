"""What differs between two beliefs, as answers tell it: slots, roll-ups, and which fact changed each of them."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.believing import day_of
from services.monitoring.rules.comparing import Caused, Difference, Kind, SlotState
from services.monitoring.rules.summary import summary
from services.monitoring.rules.treatment import Treatment
from shared.texts import write_instant


class SlotDifference(Struct, frozen=True):
    """`caused_by` are the facts that changed it, in the order of the log; `before` or `after` None = not listed."""

    obligation_id: str
    requirement: str
    kinds: tuple[Kind, ...]
    before: SlotState | None
    after: SlotState | None
    caused_by: tuple[str, ...]


class RollUpDifference(Struct, frozen=True):
    """`before` or `after` None = the requirement has no roll-up."""

    requirement: str
    title: str
    before: RollUp | None
    after: RollUp | None
    caused_by: tuple[str, ...]


class FactDifference(Struct, frozen=True):
    """One fact, and what it changed when it came; both are empty for one that changed nothing."""

    fact_id: str
    version: int
    type: str
    occurred_on: date
    recorded_at: str
    summary: str
    slots: tuple[str, ...]
    roll_ups: tuple[str, ...]


def slot_differences(found: Difference, causes: Mapping[str, tuple[str, ...]]) -> tuple[SlotDifference, ...]:
    return tuple(
        SlotDifference(
            one.obligation_id, one.requirement, one.kinds, one.before, one.after, causes.get(one.obligation_id, ())
        )
        for one in found.slots
    )


def roll_up_differences(found: Difference, causes: Mapping[str, tuple[str, ...]]) -> tuple[RollUpDifference, ...]:
    return tuple(
        RollUpDifference(one.requirement, one.title, one.before, one.after, causes.get(one.requirement, ()))
        for one in found.lines
    )


def fact_differences(found: Sequence[Caused], treatment: Treatment) -> tuple[FactDifference, ...]:
    """`treatment` knows all of them."""
    clinic = treatment.belief.who.clinic
    return tuple(
        FactDifference(
            fact.fact_id,
            fact.version,
            fact.type,
            day_of(fact, clinic),
            write_instant(fact.recorded_at),
            summary(fact.data, treatment.edition),
            tuple(one.obligation_id for one in changed.slots),
            tuple(one.requirement for one in changed.lines),
        )
        for fact, changed in found
    )
