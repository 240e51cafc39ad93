"""Holds that somebody placed: in force until one of the same name is lifted."""

from collections.abc import Iterator
from datetime import date

from services.monitoring.rules.holds.hold import Spell, Standing
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.conditions import HoldLifted, HoldPlaced


def placed(record: Record, on: date) -> Iterator[Spell]:
    lifts = record.of(HoldLifted, on)
    for said in record.of(HoldPlaced, on):
        lift = next((one for one in lifts if one.data.hold == said.data.hold and _later(one, said)), None)
        if lift is None:
            yield _spell(said, f"A hold was placed on {said.first} and has not been lifted.")
        else:
            sentence = f"A hold was placed on {said.first} and lifted on {lift.first}."
            yield _spell(said, sentence, "lifted", lift.first, lift.fact_id)
    for said in record.withdrawn(HoldPlaced, on):
        sentence = f"A hold of {said.first} was entered in error."
        yield _spell(said, sentence, "withdrawn", record.day(said.voided_by or ""), said.voided_by)


def _spell(
    said: Said[HoldPlaced],
    sentence: str,
    standing: Standing = "in_force",
    closed_on: date | None = None,
    closed_by: str | None = None,
) -> Spell:
    """Whatever rule it names, what somebody placed stops."""
    return Spell(said.data.hold, said.first, (said.fact_id,), sentence, standing, closed_on, closed_by, "HOLD")


def _later(lift: Said[HoldLifted], hold: Said[HoldPlaced]) -> bool:
    """By time where both have one; on one date a lift follows."""
    if lift.first != hold.first:
        return lift.first > hold.first
    if lift.instant is not None and hold.instant is not None:
        return lift.instant >= hold.instant
    return True
