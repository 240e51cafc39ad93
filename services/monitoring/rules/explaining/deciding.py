"""What stands between an obligation and the calendar: death, waivers, transfers, refusals, and what decides."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct, structs

from services.monitoring.rules.answers import Slot
from services.monitoring.rules.believing import day_of
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.circumstances import Interval
from services.monitoring.rules.explaining.words import day
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.statements import Statements
from shared.contracts.v1.facts import (
    CareTransferredOut,
    DeathRecorded,
    DemographicsCorrected,
    MonitoringDeclined,
    MonitoringResumed,
    ObligationWaived,
    TreatmentOpened,
)

Kind = Literal["death", "waiver", "transfer", "refusal", "applicability"]
_DECIDES: dict[Kind, frozenset[str]] = {
    "death": frozenset({"cancelled"}),
    "waiver": frozenset({"waived"}),
    "transfer": frozenset({"suspended", "not_monitored_here"}),
    "refusal": frozenset({"declined"}),
}


class Circumstance(Struct, frozen=True):
    """One of them as it was on the last day that the obligation was open; `until` is its last day, None = no end.

    `decides` tells whether the standing follows from it: evidence beats all of them, and each beats those after it.
    """

    kind: Kind
    since: date | None
    until: date | None
    fact_ids: tuple[str, ...]
    decides: bool
    why: str


def circumstances_of(
    chapter: Chapter, slot: Slot, on: date, facts: Sequence[Fact], statements: Statements
) -> tuple[Circumstance, ...]:
    """In the order in which they would decide (R13)."""
    standing = [thing.living[-1] for thing in statements.things if thing.living]
    clinic = chapter.background.who.clinic
    days = {fact.fact_id: day_of(fact, clinic) for fact in standing}
    last_open = on if slot.closes_on is None else min(on, slot.closes_on)
    look = _Look(chapter, slot, on, last_open, standing, days)
    return (*_applicability(chapter, facts), *look.death(), *look.waivers(), *look.transfers(), *look.refusals())


class _Look(Struct, frozen=True):
    chapter: Chapter
    slot: Slot
    on: date
    last_open: date
    standing: list[Fact]
    days: dict[str, date]

    def death(self) -> Iterator[Circumstance]:
        died = self.chapter.around.death
        if died is None or died > self.on:
            return
        why = f"Death is recorded on {day(died)}: what was still open then is cancelled."
        yield self._one("death", died, None, self._facts(DeathRecorded, died), why)

    def waivers(self) -> Iterator[Circumstance]:
        for one in self.chapter.around.waivers:
            alone = structs.replace(self.chapter.around, waivers=(one,))
            if not alone.waived(self.slot.obligation_id, self.last_open):
                continue
            named = [
                fact.fact_id
                for fact in self.standing
                if isinstance(fact.data, ObligationWaived)
                and (fact.data.obligation_id, fact.data.requirement) == (one.obligation_id, one.requirement)
                and self.days[fact.fact_id] == one.day
            ]
            what = "This obligation" if one.obligation_id else "The whole requirement"
            until = "without an end" if one.until is None else f"through {day(one.until)}"
            yield self._one("waiver", one.day, one.until, named, f"{what} was waived on {day(one.day)}, {until}.")

    def transfers(self) -> Iterator[Circumstance]:
        for start, end in self._covering(self.chapter.around.absences):
            why = f"Care was transferred out on {day(start)}" + _back(end, "and back on") + "."
            if self.slot.reason == "handed_over_overdue":
                why += " It was overdue already when it was handed over, so it counts as missed."
            yield self._one("transfer", start, end, self._facts(CareTransferredOut, start), why)

    def refusals(self) -> Iterator[Circumstance]:
        for start, end in self._covering(self.chapter.around.refusals):
            why = f"Monitoring was declined on {day(start)}" + _back(end, "and resumed on") + "."
            named = [
                fact.fact_id
                for fact in self.standing
                if isinstance(fact.data, MonitoringDeclined)
                and not isinstance(fact.data, MonitoringResumed)
                and self.days[fact.fact_id] == start
                and (fact.data.requirements is None or self.slot.requirement in fact.data.requirements)
            ]
            yield self._one("refusal", start, end, named, why)

    def _covering(self, intervals: Sequence[Interval]) -> Iterator[Interval]:
        """Those that hold today or held on its last open day; an end that is still to come is not known of."""
        for start, end in intervals:
            if any(start <= on and (end is None or on < end) for on in (self.on, self.last_open)):
                yield start, end if end is not None and end <= self.on else None

    def _facts(self, kind: type, on: date) -> list[str]:
        return [fact.fact_id for fact in self.standing if isinstance(fact.data, kind) and self.days[fact.fact_id] == on]

    def _one(self, kind: Kind, since: date, until: date | None, facts: Sequence[str], why: str) -> Circumstance:
        decides = self.slot.standing in _DECIDES[kind]
        if kind == "transfer" and self.slot.reason == "handed_over_overdue":
            decides = True
        return Circumstance(kind, since, until, tuple(facts), decides, why)


def _back(end: date | None, words: str) -> str:
    return "" if end is None else f" {words} {day(end)}"


def _applicability(chapter: Chapter, facts: Sequence[Fact]) -> Iterator[Circumstance]:
    """Where it hangs on what is recorded of the patient: the last statements that say it, or that none does."""
    if chapter.requirement.applies_to == "everyone" or chapter.applicability == "applies":
        return
    who = chapter.background.who
    if chapter.applicability == "unknown":
        why = "Neither the sex nor a cervix is recorded, so it counts as owed until somebody says."
    elif who.cervix == "absent":
        why = "No cervix is recorded, so it does not apply."
    else:
        why = f"The sex is recorded as {who.sex}, so it does not apply."
    said = [fact.fact_id for fact in facts if _says(fact, who.sex, who.cervix)]
    yield Circumstance("applicability", None, None, tuple(said), chapter.applicability == "not_applicable", why)


def _says(fact: Fact, sex: str, cervix: str) -> bool:
    match fact.data:
        case DemographicsCorrected(sex=said, cervix=part):
            return part == cervix if cervix == "absent" else said == sex
        case TreatmentOpened(sex=said):
            return cervix != "absent" and said == sex
        case _:
            return False
