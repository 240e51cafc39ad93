"""Who goes on in spite of a rule: an override in force on a date."""

from datetime import date

from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.conditions import RuleOverridden


def override(record: Record, rule: str, on: date) -> Said[RuleOverridden] | None:
    """The last one of that rule that was in force on a date: from its own day through its last."""
    in_force = [
        one
        for one in record.of(RuleOverridden, on)
        if one.data.rule == rule and (one.data.until is None or on <= date.fromisoformat(one.data.until))
    ]
    return in_force[-1] if in_force else None
