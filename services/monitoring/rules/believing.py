"""From recorded facts to a belief: each thing becomes what its living statements say."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from msgspec import structs

from services.monitoring.rules.acts import acts_of
from services.monitoring.rules.belief import Belief, Event, Infusion, Reading, Refusal, Waiver
from services.monitoring.rules.calendar import local_day, possible_days, zone_named
from services.monitoring.rules.demographics import Demographics, demographics
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.growing import Growing
from services.monitoring.rules.matters import Matters
from services.monitoring.rules.naming import Void, name_in, name_of
from services.monitoring.rules.statements import Statements, Thing, read_statements
from shared.contracts.v1.facts import (
    LOINC,
    CareTransferredIn,
    CareTransferredOut,
    DeathRecorded,
    DemographicsCorrected,
    ExamPerformed,
    InfusionAdministered,
    InfusionStopped,
    LabResultCancelled,
    LabResultCorrected,
    LabResultRecorded,
    MonitoringDeclined,
    MonitoringResumed,
    ObligationWaived,
    RemsFormSubmitted,
    TreatmentOpened,
)
from shared.contracts.v1.parts import Reference

_T = TypeVar("_T")


def believe(facts: Iterable[Fact]) -> Belief:
    """The belief that a set of facts amounts to; their order and repetition do not matter."""
    known = tuple(facts)
    return believed(read_statements(known), known)


def believed(statements: Statements, known: Sequence[Fact]) -> Belief:
    """The belief that facts amount to once they have been read as statements."""
    who = demographics(
        statements.things, sorted((fact for fact in known if isinstance(fact.data, TreatmentOpened)), key=_position)
    )
    return _Reader(statements, who).belief(known)


class Growth(NamedTuple):
    """A belief with one more fact, and what its matter said before and says now: all that differs."""

    belief: Belief
    before: Belief
    after: Belief


def believe_also(belief: Belief, beside: Sequence[Fact], fact: Fact) -> Growth:
    """One more fact, the last in the log, with the facts of its matter: equal to believing all from the start.

    None of them may say who is treated where: that has a part in how every date is read.
    """
    before = _part(belief.who, beside)
    after = _part(belief.who, (*beside, fact))
    grown = Belief(
        treatment=belief.treatment or fact.treatment,
        version=max(belief.version, fact.version),
        who=belief.who,
        infusions=_swapped(belief.infusions, before.infusions, after.infusions),
        readings=_swapped_by_key(belief.readings, before.readings, after.readings),
        exams=_swapped_by_key(belief.exams, before.exams, after.exams),
        forms=_swapped_by_key(belief.forms, before.forms, after.forms),
        acts=_swapped_by_key(belief.acts, before.acts, after.acts),
        transfers=_swapped(belief.transfers, before.transfers, after.transfers),
        refusals=_swapped(belief.refusals, before.refusals, after.refusals),
        waivers=_swapped(belief.waivers, before.waivers, after.waivers),
        deaths=_swapped(belief.deaths, before.deaths, after.deaths),
    )
    return Growth(grown, before, after)


def beliefs(facts: Iterable[Fact]) -> Iterator[Belief]:
    """What was believed after each of the facts; they come in the order of the log."""
    matters = Matters(Growing())
    belief = believe(())
    for fact in facts:
        beside = matters.beside(fact)
        matters = matters.with_fact(fact)
        anew = any(map(says_who, (fact, *beside)))
        belief = believe(matters.facts) if anew else believe_also(belief, beside, fact).belief
        yield belief


def says_who(fact: Fact) -> bool:
    """Whether it says who is treated where."""
    return isinstance(fact.data, TreatmentOpened | DemographicsCorrected)


def _part(who: Demographics, facts: Sequence[Fact]) -> Belief:
    """What a matter alone says."""
    if not facts:
        return Belief("", 0, who)
    if len(facts) == 1 and facts[0].corrects is None and not isinstance(facts[0].data, Void):
        statements = Statements((Thing((facts[0],), (facts[0],)),), {}, frozenset())  # as read_statements has it
    else:
        statements = read_statements(facts)
    return _Reader(statements, who).belief(facts)


def _swapped(known: tuple[_T, ...], gone: tuple[_T, ...], come: tuple[_T, ...]) -> tuple[_T, ...]:
    if gone == come:
        return known
    return (*_without(known, gone), *come)


def _swapped_by_key(
    known: dict[str, list[_T]], gone: dict[str, list[_T]], come: dict[str, list[_T]]
) -> dict[str, list[_T]]:
    if gone == come:
        return known
    changed = {key: [*_without(known.get(key, ()), gone.get(key, ())), *come.get(key, ())] for key in {**gone, **come}}
    return {key: found for key, found in {**known, **changed}.items() if found} if gone else {**known, **changed}


def _without(known: Sequence[_T], gone: Sequence[_T]) -> Sequence[_T]:
    """Less those that are gone, each once."""
    if not gone:
        return known
    kept = list(known)
    for one in gone:
        kept.remove(one)
    return kept


def day_of(fact: Fact, clinic: ZoneInfo) -> date:
    """The local date of a fact: in its own zone if it names one; an imprecise date counts by its first day (R3, R7)."""
    return _days(fact, clinic)[0]


def _days(fact: Fact, clinic: ZoneInfo) -> tuple[date, date]:
    if fact.occurred_at is not None:
        zone = (zone_named(fact.zone) if fact.zone else None) or clinic
        day = local_day(fact.occurred_at, zone)
        return day, day
    if fact.occurred_on is not None:
        return possible_days(fact.occurred_on)
    day = local_day(fact.recorded_at, clinic)
    return day, day


def _position(fact: Fact) -> int:
    return fact.position


class _Reader:
    """Turns each thing into what it says, by the type of its last whole statement."""

    def __init__(self, statements: Statements, who: Demographics) -> None:
        self.statements = statements
        self.who = who
        self.infusions: dict[str, Infusion] = {}  # by the id of every statement about it
        self.stops: list[tuple[Fact, InfusionStopped]] = []
        self.readings: dict[str, list[Reading]] = defaultdict(list)
        self.exams: dict[str, list[Event]] = defaultdict(list)
        self.forms: dict[str, list[Event]] = defaultdict(list)
        self.acts: dict[str, list[Event]] = defaultdict(list)
        self.transfers: list[tuple[date, bool, str | None, int]] = []
        self.refusals: list[Refusal] = []
        self.waivers: list[Waiver] = []
        self.deaths: list[Fact] = []

    def belief(self, known: Sequence[Fact]) -> Belief:
        for thing in self.statements.things:
            if thing.living:
                self._read(thing)
        for fact, stop in sorted(self.stops, key=lambda one: one[0].position):
            self._stop(fact, stop)
        return Belief(
            treatment=known[0].treatment if known else "",
            version=max((fact.version for fact in known), default=0),
            who=self.who,
            infusions=tuple(dict.fromkeys(self.infusions.values())),
            readings=dict(self.readings),
            exams=dict(self.exams),
            forms=dict(self.forms),
            acts=dict(self.acts),
            transfers=tuple(self.transfers),
            refusals=tuple(self.refusals),
            waivers=tuple(self.waivers),
            deaths=tuple(self._day(fact) for fact in _version_order(self.deaths)),
        )

    def _day(self, fact: Fact) -> date:
        return _days(fact, self.who.clinic)[0]

    def _read(self, thing: Thing) -> None:  # noqa: PLR0912 (one branch per kind of fact)
        last = next((fact for fact in reversed(thing.living) if not isinstance(fact.data, LabResultCancelled)), None)
        if last is None:
            return
        event = Event(self._day(last), thing.root.version, thing.root.fact_id, last.occurred_at)
        match last.data:
            case LabResultRecorded():
                for reading in _results(thing, self.who.clinic):
                    self.readings[reading.code].append(reading)
            case InfusionAdministered(dose_mg=dose):
                first, end = _days(last, self.who.clinic)
                recorded = min(fact.version for fact in thing.living)  # an older statement may come later
                infusion = Infusion(thing.root.fact_id, recorded, first, end, last.occurred_at, float(dose))
                for fact in thing.statements:
                    self.infusions[fact.fact_id] = infusion
            case InfusionStopped() as stop:
                self.stops.append((last, stop))
            case ExamPerformed(exam=exam):
                self.exams[exam].append(event)
                self._file(last, event)
            case RemsFormSubmitted(form=form):
                self.forms[form].append(event)
            case DeathRecorded():
                self.deaths.append(last)
            case CareTransferredOut():
                self.transfers.append((event.day, True, None, last.position))
            case CareTransferredIn(site=site):
                self.transfers.append((event.day, False, site, last.position))
            case MonitoringDeclined(requirements=which) as said:
                declines = not isinstance(said, MonitoringResumed)
                self.refusals.append(Refusal(event.day, declines, frozenset(which) if which else None))
            case ObligationWaived(obligation_id=one, requirement=all_of, until=until):
                self.waivers.append(Waiver(event.day, date.fromisoformat(until) if until else None, one, all_of))
            case _:
                self._file(last, event)

    def _file(self, fact: Fact, event: Event) -> None:
        for word in acts_of(fact):
            self.acts[word].append(event)

    def _stop(self, fact: Fact, stop: InfusionStopped) -> None:
        """What was given of a stopped infusion, if that was said; what it names may not be here yet."""
        if stop.given_mg is None:
            return
        for key in self._named(stop.infusion):
            if (infusion := self.infusions.get(key)) is not None:
                stopped = structs.replace(infusion, stops=(*infusion.stops, (self._day(fact), float(stop.given_mg))))
                for other, one in self.infusions.items():
                    if one is infusion:
                        self.infusions[other] = stopped

    def _named(self, reference: Reference) -> list[str]:
        if reference.fact_id is not None:
            return [reference.fact_id]
        name = name_in(reference)
        return [
            thing.root.fact_id
            for thing in self.statements.things
            if name is not None and any(name_of(fact) == name for fact in thing.statements)
        ]


def _results(thing: Thing, clinic: ZoneInfo) -> Iterator[Reading]:
    """The codes of one result as its living statements leave them, in order (R4, R5)."""
    standing: dict[str, Reading] = {}
    root = thing.root
    for fact in thing.living:
        match fact.data:
            case LabResultCancelled(specimen_id=specimen, codes=codes):
                for code, reading in standing.items():
                    named = codes is None or code in codes
                    if named and (specimen is None or specimen == reading.specimen_id):
                        standing[code] = reading._replace(cancelled=True)
            case LabResultRecorded(specimen_id=specimen, results=results) as said:
                if not isinstance(said, LabResultCorrected):
                    standing = {}
                day = _days(fact, clinic)[0]
                for result in results:
                    if result.system == LOINC:
                        standing[result.code] = Reading(
                            day,
                            root.version,
                            root.fact_id,
                            fact.fact_id,
                            result.code,
                            result.status,
                            specimen,
                            cancelled=False,
                            at=fact.occurred_at,
                            value=result.value,
                            unit=result.unit,
                            recorded_at=fact.recorded_at,
                        )
            case _:
                standing = {}
    yield from standing.values()


def _version_order(facts: list[Fact]) -> list[Fact]:
    in_log = sorted(facts, key=_position)
    if all(fact.business_id is not None and fact.business_id.version is not None for fact in in_log):
        return sorted(in_log, key=lambda fact: (fact.business_id and fact.business_id.version) or 0)
    if all(fact.issued_at is not None for fact in in_log):
        return sorted(in_log, key=lambda fact: fact.issued_at.timestamp() if fact.issued_at else 0)
    return in_log
