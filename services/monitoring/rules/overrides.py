"""Who goes on in spite of a rule: an override or a waiver in force on a date."""

from datetime import date

from services.monitoring.rules.as_written import lasts
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.conditions import RuleOverridden
from shared.contracts.v1.facts import ObligationWaived


def override(record: Record, rule: str, on: date) -> Said[RuleOverridden] | None:
    """The last override of a rule that was in force on a date: from its own day through its last."""
    in_force = [one for one in record.of(RuleOverridden, on) if one.data.rule == rule and lasts(one.data.until, on)]
    return in_force[-1] if in_force else None


Overriding = Said[RuleOverridden] | Said[ObligationWaived]


def overrides(record: Record, rule: str, known_on: date, on: date) -> list[Overriding]:
    """What was said by `known_on` and is in force on the day of an infusion, waivers of the requirement included."""
    found: list[Overriding] = [
        one
        for one in record.of(RuleOverridden, known_on)
        if one.data.rule == rule and one.first <= on and lasts(one.data.until, on)
    ]
    found.extend(
        one
        for one in record.of(ObligationWaived, known_on)
        if one.data.requirement == rule and one.first <= on and lasts(one.data.until, on)
    )
    return found
