"""Monitoring that is overdue or refused: a warning at first, then a hold (R19)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.holds.hold import Spell
from services.monitoring.rules.holds.kinds import Unmonitored
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.conditions import HoldLifted
from shared.contracts.v1.facts import MonitoringDeclined, MonitoringResumed


def unmonitored(
    opening: Unmonitored, rule: str, roll_ups: Iterable[RollUp], record: Record, on: date
) -> Iterator[Spell]:
    for row in roll_ups:
        if row.requirement not in opening.requirements:
            continue
        if row.standing == "declined":
            yield _lifted(_declined(row, record, on), rule, record, on)
        elif row.standing == "overdue" and row.days_overdue >= opening.warn_from_day and row.due_on is not None:
            yield _lifted(_overdue(row, row.due_on, opening), rule, record, on)


def _overdue(row: RollUp, due_on: date, opening: Unmonitored) -> Spell:
    days = row.days_overdue
    held = days >= opening.hold_from_day
    since = due_on + timedelta(days=opening.hold_from_day if held else opening.warn_from_day)
    sentence = f"{row.title} is overdue since {due_on}: {days} day{'' if days == 1 else 's'}"
    sentence += "." if held else f"; from {opening.hold_from_day} days on no infusion."
    return Spell(row.requirement, since, (), sentence, severity=None if held else "WARN")


def _declined(row: RollUp, record: Record, on: date) -> Spell:
    """Since the refusal after which it was not resumed."""
    resumed = max((said.first for said in record.of(MonitoringResumed, on) if _covers(said, row)), default=date.min)
    refusals = [said for said in record.of(MonitoringDeclined, on) if _covers(said, row)]
    last = next((said for said in refusals if said.first > resumed), refusals[-1])
    sentence = f"{row.title} is declined since {last.first}."
    return Spell(row.requirement, last.first, (last.fact_id,), sentence)


def _covers(said: Said[MonitoringDeclined] | Said[MonitoringResumed], row: RollUp) -> bool:
    return said.data.requirements is None or row.requirement in said.data.requirements


def _lifted(spell: Spell, rule: str, record: Record, on: date) -> Spell:
    """Lifted where somebody decided so while it was open; what becomes overdue later opens anew."""
    lifts = [
        one for one in record.of(HoldLifted, on) if one.data.hold in {rule, spell.hold} and one.first >= spell.opened_on
    ]
    if not lifts:
        return spell
    return Spell(
        spell.hold,
        spell.opened_on,
        spell.opened_by,
        f"{spell.sentence.removesuffix('.')}; on {lifts[0].first} the hold was lifted.",
        "lifted",
        lifts[0].first,
        lifts[0].fact_id,
        spell.severity,
    )
