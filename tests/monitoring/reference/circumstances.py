"""Death, waivers, absences and refusals (R14–R16) as they stand on a date."""

from dataclasses import dataclass
from datetime import date

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import facts as v1
from tests.monitoring.reference.calendar import when
from tests.monitoring.reference.statements import Thing

Spell = tuple[date, date | None]  # from the first day to the day before the second


@dataclass(frozen=True)
class Waiver:
    """From `start` through `until`; of one obligation or of a whole requirement."""

    start: date
    until: date | None
    obligation: str | None
    requirement: str | None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Circumstances:
    death: date | None
    waivers: tuple[Waiver, ...]
    absences: tuple[Spell, ...]
    refusals: dict[str, tuple[Spell, ...]]


def circumstances(things: list[Thing], zone: str, on: date, requirements: list[str]) -> Circumstances:
    told = [(thing.deciding, when(thing.deciding, zone).first) for thing in things]
    happened = [(fact, day) for fact, day in told if day <= on]
    waivers = tuple(
        Waiver(
            day,
            date.fromisoformat(fact.data.until) if fact.data.until else None,
            fact.data.obligation_id,
            fact.data.requirement,
        )
        for fact, day in happened
        if isinstance(fact.data, v1.ObligationWaived)
    )
    absences = _spells(
        [day for fact, day in happened if isinstance(fact.data, v1.CareTransferredOut)],
        [day for fact, day in happened if isinstance(fact.data, v1.CareTransferredIn)],
    )
    refusals = {one: _refusals(happened, one) for one in requirements}
    death = _death([fact for fact, _ in told if isinstance(fact.data, v1.DeathRecorded)], zone)
    return Circumstances(death if death and death <= on else None, waivers, absences, refusals)


def _refusals(happened: list[tuple[Fact, date]], requirement: str) -> tuple[Spell, ...]:
    started: list[date] = []
    ended: list[date] = []
    for fact, day in happened:
        if isinstance(fact.data, v1.MonitoringDeclined) and requirement in (fact.data.requirements or (requirement,)):
            (ended if isinstance(fact.data, v1.MonitoringResumed) else started).append(day)
    return _spells(started, ended)


def _spells(started: list[date], ended: list[date]) -> tuple[Spell, ...]:
    """A start and an end on one date cancel out."""
    spells: list[Spell] = []
    since: date | None = None
    for day in sorted({*started, *ended}):
        if day in started and day in ended:
            continue
        if day in started and since is None:
            since = day
        if day in ended and since is not None:
            spells.append((since, day))
            since = None
    return (*spells, (since, None)) if since else tuple(spells)


def _death(records: list[Fact], zone: str) -> date | None:
    """R16: of several records the last in version order holds."""
    if not records:
        return None
    records = sorted(records, key=lambda fact: fact.position)
    if all(fact.business_id and fact.business_id.version is not None for fact in records):
        records.sort(key=lambda fact: fact.business_id.version)  # type: ignore[union-attr,arg-type,return-value]
    elif all(fact.issued_at for fact in records):
        records.sort(key=lambda fact: fact.issued_at)  # type: ignore[arg-type,return-value]
    return when(records[-1], zone).first


def covers(spells: tuple[Spell, ...], day: date) -> Spell | None:
    return next((one for one in spells if one[0] <= day and (one[1] is None or day < one[1])), None)
