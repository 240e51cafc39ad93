"""Every hold of one treatment on a date: in force, given up, lifted or withdrawn, and what opened and ended it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.holds.carried import medicine, screened, treated_before
from services.monitoring.rules.holds.hold import Hold, Spell
from services.monitoring.rules.holds.illness import illness
from services.monitoring.rules.holds.kinds import (
    HoldRule,
    Illness,
    Medicine,
    Opening,
    Screened,
    TreatedBefore,
    Unmonitored,
)
from services.monitoring.rules.holds.placed import placed
from services.monitoring.rules.holds.unmonitored import unmonitored
from services.monitoring.rules.overrides import override
from services.monitoring.rules.record import Record

STOPPING = frozenset({"BLOCK", "HOLD"})


def holds(rules: Sequence[HoldRule], record: Record, roll_ups: Iterable[RollUp], on: date) -> tuple[Hold, ...]:
    """Those in force first, then by the day they opened."""
    rows = tuple(roll_ups)
    found = [
        _hold(rule, spell, record, on)
        for rule in rules
        for opening in rule.opens
        for spell in _spells(opening, rule, rows, record, on)
    ]
    by_id = {rule.id: rule for rule in rules}
    found.extend(_hold(by_id.get(spell.hold), spell, record, on) for spell in placed(record, on))
    return tuple(sorted(found, key=lambda one: (not in_force(one), one.opened_on, one.rule or "", one.hold)))


def in_force(hold: Hold) -> bool:
    return hold.standing in {"in_force", "discontinue"}


def _spells(opening: Opening, rule: HoldRule, roll_ups: Sequence[RollUp], record: Record, on: date) -> Iterator[Spell]:
    match opening:
        case Illness():
            return illness(opening, rule.id, record, on)
        case Medicine():
            return medicine(opening, record, on)
        case Screened():
            return screened(opening, record, on)
        case TreatedBefore():
            return treated_before(opening, record, on)
        case Unmonitored():
            return unmonitored(opening, rule.id, roll_ups, record, on)


def _hold(rule: HoldRule | None, spell: Spell, record: Record, on: date) -> Hold:
    severity = spell.severity or (rule.severity if rule else "HOLD")
    stands = spell.standing in {"in_force", "discontinue"}
    overridden = override(record, rule.id if rule else spell.hold, on) if stands else None
    return Hold(
        rule.id if rule else None,
        spell.hold,
        rule.title if rule else "Hold placed by a clinician",
        severity,
        rule.basis if rule else None,
        rule.citation if rule else None,
        spell.standing,
        stands and severity in STOPPING and overridden is None,
        spell.opened_on,
        spell.opened_by,
        spell.closed_on,
        spell.closed_by,
        overridden.fact_id if overridden else None,
        spell.sentence,
    )
