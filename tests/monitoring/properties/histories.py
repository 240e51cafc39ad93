"""Random histories of one treatment over every fact type: late, out of order, corrected, voided, in rings."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from shared.contracts.v1.conditions import ConditionRetracted, ConditionSuspected
from shared.contracts.v1.feed import FeedItem
from tests.contracts.golden import example
from tests.scenario import CODES, SYSTEM

UTC = ZoneInfo("UTC")
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati", "UTC")
REQUIREMENTS = ("MON-01", "MON-02", "MON-03", "MON-04", "MON-05", "MON-06", "MON-07", "MON-10", "TRG-01", "TRG-06")
PANELS: tuple[tuple[str, ...], ...] = (
    ("777-3", "6690-2", "718-7", "751-8", "731-0"),
    ("777-3", "6690-2", "718-7"),
    ("777-3", "6690-2", "718-7", "770-8", "736-9"),
    ("2160-0",),
    ("13945-1", "5821-4"),
    ("1742-6", "1920-8", "1975-2"),
    ("1742-6",),
    ("3016-3",),
    tuple(CODES.values()),
    tuple(CODES.values()),
    ("58410-2", "24356-8"),
    ("59263-4",),
)
STATUSES: tuple[v1.ResultStatus, ...] = (
    *("final",) * 8,
    "corrected",
    "amended",
    "appended",
    "preliminary",
    "registered",
    "partial",
    "cancelled",
    "entered-in-error",
)


@dataclass
class _Draft:
    fact_id: str
    data: v1.FactData
    on: date
    recorded_at: datetime
    corrects: parts.Reference | None = None
    business_id: parts.BusinessId | None = None


class History:
    """One treatment's facts in log order: versions 1..n, recorded_at strictly increasing."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.treatment = self._id()
        self.anchor = date(rng.choice((2020, 2023, 2024)), 1, 1) + timedelta(days=rng.randrange(366))
        self.zone = rng.choice(ZONES)
        self._drafts: list[_Draft] = []
        self._infusions()
        self._follow_up()
        for _ in range(rng.choice((0, 4, 12, 24))):
            self._tell(rng.choice(ACTS)(self))
        if rng.random() < 0.15:
            self._tell(v1.DeathRecorded(), self.anchor + timedelta(days=rng.randrange(2500)))
        if rng.random() < 0.25:
            self._ring()
        for told in rng.sample(BESIDE, 3):
            self._tell(told)
        if rng.random() < 0.2:
            self._tell(_Told(ConditionRetracted("in error"), self._target(ConditionSuspected)))
        self.facts = self._recorded()

    # The treatment as it should have gone

    def _infusions(self) -> None:
        self._course(self.anchor, self.rng.choice((1, 3, 5, 5, 6)))
        later = self.rng.choice(((), (), (), (1,), (1, 2), (5,), (5,)))
        self.returned = 5 in later
        for years in later:
            self._course(self.anchor + timedelta(days=365 * years + self.rng.randrange(60)), self.rng.choice((1, 3)))

    def _course(self, first: date, days: int) -> None:
        for day in range(days):
            self._tell(v1.InfusionAdministered(dose_mg=self.rng.choice((12, 12, 12, 12, 3, 0))), first + timedelta(day))

    def _follow_up(self) -> None:
        """Tests month by month, with a diligence that differs from one treatment to the next."""
        diligence = self.rng.choice((0.0, 0.5, 0.9, 1.0, 1.0))
        day = self.anchor + timedelta(days=28)
        for _ in range(self.rng.choice((0, 6, 24, 60))):
            if self.rng.random() < diligence:
                everything = v1.LabResultRecorded("S-all", tuple(v1.Result(code, "final") for code in CODES.values()))
                lab = everything if self.rng.random() < 0.7 else self._lab()
                self._tell(lab, day + timedelta(days=self.rng.randrange(-8, 10)), late=0.1)
            if self.rng.random() < 0.08:
                self._tell(v1.ExamPerformed(self.rng.choice(("skin", "hpv"))), day, late=0.1)
            day += timedelta(days=30)

    # What may happen

    def _lab(self) -> v1.LabResultRecorded:
        return v1.LabResultRecorded(f"S-{self.rng.randrange(40)}", self._results())

    def _results(self) -> tuple[v1.Result, ...]:
        return tuple(v1.Result(code, self.rng.choice(STATUSES)) for code in self.rng.choice(PANELS))

    def _some(self) -> tuple[str, ...] | None:
        return None if self.rng.random() < 0.4 else tuple(self.rng.sample(REQUIREMENTS, self.rng.randrange(1, 4)))

    def _obligation(self) -> dict[str, Any]:
        """A whole requirement or one obligation, by its id (docs/contract.md §0)."""
        requirement = self.rng.choice(REQUIREMENTS)
        if self.rng.random() < 0.5:
            return {"requirement": requirement}
        keys = [f"s{self.rng.randrange(1, 30)}", "close-out", "after-first", "after-first.w1"]
        keys += [f"after-{draft.fact_id}" for draft in self._drafts if isinstance(draft.data, v1.ExamPerformed)][:3]
        episode = 2 if self.rng.random() < 0.1 else 1
        return {"obligation_id": f"{self.treatment}.{requirement}.e{episode}.{self.rng.choice(keys)}"}

    def _until(self) -> str | None:
        return None if self.rng.random() < 0.75 else str(self._some_day())

    def _some_day(self) -> date:
        near = self.rng.random() < 0.7
        return self.anchor + timedelta(days=self.rng.randrange(-400, 500) if near else self.rng.randrange(-800, 3200))

    def _target(self, *kinds: type) -> parts.Reference:
        """Some fact of these types (any, if none is named), by its id or by its sender's name."""
        fitting = [draft for draft in self._drafts if not kinds or isinstance(draft.data, kinds)]
        if not fitting or self.rng.random() < 0.04:
            return parts.Reference(fact_id=self._id())
        draft = self.rng.choice(fitting[-12:])
        if draft.business_id and self.rng.random() < 0.5:
            return parts.Reference(business_id=parts.BusinessName(draft.business_id.system, draft.business_id.value))
        return parts.Reference(fact_id=draft.fact_id)

    # How it is told

    def _tell(self, told: "Tale", on: date | None = None, late: float = 0.25) -> None:
        day = on or self._some_day()
        if isinstance(told, tuple):
            for part in told:
                self._tell(part, day)
                day += timedelta(days=self.rng.choice((0, 3, 20, 45, 90)))
            return
        data, corrects = (told.data, told.corrects) if isinstance(told, _Told) else (told, None)
        delay = timedelta(hours=self.rng.randrange(2, 30))
        if self.rng.random() < late:
            delay = timedelta(days=self.rng.randrange(1, 200), seconds=self.rng.randrange(86_400))
        recorded = datetime.combine(day, time(12), UTC) + delay
        self._drafts.append(_Draft(self._id(), data, day, recorded, corrects, self._business(data)))

    def _business(self, data: v1.FactData) -> parts.BusinessId | None:
        """Now and then a name, mostly with a version, which several facts of one type may share."""
        if isinstance(data, v1.TreatmentOpened) or self.rng.random() < 0.6:
            return None
        name = f"{type(data).__name__.replace('Corrected', 'Recorded')}-{self.rng.randrange(25)}"
        return parts.BusinessId(SYSTEM, name, self.rng.choice((None, 1, 1, 2, 3)))

    def _ring(self) -> None:
        """Two voids that void each other."""
        day = self._some_day()
        one, other = self._id(), self._id()
        for mine, theirs in ((one, other), (other, one)):
            recorded = datetime.combine(day, time(13), UTC)
            self._drafts.append(_Draft(mine, v1.FactVoided("ring"), day, recorded, parts.Reference(fact_id=theirs)))

    def _recorded(self) -> list[Fact]:
        """The drafts as the log takes them: in order of recording, one strictly after the other."""
        self._drafts.sort(key=lambda draft: (draft.recorded_at, draft.fact_id))
        start = min([draft.recorded_at for draft in self._drafts]) - timedelta(days=1)
        sex = cast("v1.Sex", self.rng.choice(("female", "female", "male", "unknown", "other")))
        opening = v1.TreatmentOpened("alemtuzumab-ms", "site-1", self.zone, sex)
        drafts = [_Draft(self._id(), opening, start.date(), start), *self._drafts]
        facts: list[Fact] = []
        last = start - timedelta(days=1)
        for version, draft in enumerate(drafts, start=1):
            last = max(draft.recorded_at, last + timedelta(microseconds=1))
            facts.append(self._fact(version, draft, last))
        return facts

    def _fact(self, version: int, draft: _Draft, recorded_at: datetime) -> Fact:
        text = None if isinstance(draft.data, v1.TreatmentOpened) else self._date_only(draft.on)
        hour = time(self.rng.randrange(24), self.rng.choice((0, 30)))
        return Fact(
            fact_id=draft.fact_id,
            treatment=self.treatment,
            version=version,
            position=version * 3,
            data=draft.data,
            occurred_at=None if text else datetime.combine(draft.on, hour, ZoneInfo(self.zone)),
            occurred_on=text,
            zone=self.rng.choice(ZONES) if self.rng.random() < 0.1 else None,
            issued_at=recorded_at - timedelta(hours=self.rng.randrange(200)) if self.rng.random() < 0.3 else None,
            recorded_at=recorded_at,
            business_id=draft.business_id,
            corrects=draft.corrects,
        )

    def _date_only(self, day: date) -> str | None:
        chance = self.rng.random()
        if chance < 0.8:
            return None
        return day.isoformat() if chance < 0.95 else day.isoformat()[:7] if chance < 0.99 else day.isoformat()[:4]

    def _id(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))


@dataclass(frozen=True)
class _Told:
    """A fact that names another."""

    data: v1.FactData
    corrects: parts.Reference | None


def _cancel(h: History) -> _Told:
    codes = tuple(h.rng.choice(PANELS)) if h.rng.random() < 0.3 else None
    if h.rng.random() < 0.4:
        specimen = f"S-{h.rng.randrange(40)}"
        return _Told(v1.LabResultCancelled("clotted", specimen_id=specimen, codes=codes), None)
    return _Told(v1.LabResultCancelled("clotted", codes=codes), h._target(v1.LabResultRecorded))


def _demographics(h: History) -> _Told:
    change: dict[str, Any] = h.rng.choice(
        (
            {"sex": h.rng.choice(("female", "male", "unknown", "other"))},
            {"cervix": h.rng.choice(("present", "absent", "unknown"))},
            {"zone": h.rng.choice(ZONES)},
            {"site": f"site-{h.rng.randrange(4)}"},
            {"birth_date": "1988-04-02"},
        )
    )
    target = h._target(v1.DemographicsCorrected) if h.rng.random() < 0.3 else None
    return _Told(v1.DemographicsCorrected(**change), target)


def _infusion_corrected(h: History) -> _Told:
    dose = h.rng.choice((12, 12, 6, 0))
    return _Told(v1.InfusionAdministered(dose_mg=dose), h._target(v1.InfusionAdministered))


def _stopped(h: History) -> v1.FactData:
    return v1.InfusionStopped(h._target(v1.InfusionAdministered), "reaction", given_mg=h.rng.choice((None, 3)))


def _absence(h: History) -> tuple[v1.FactData, ...]:
    return v1.CareTransferredOut(), v1.CareTransferredIn(site=h.rng.choice((None, "site-2")))


def _refusal(h: History) -> tuple[v1.FactData, ...]:
    refused = h._some()
    return v1.MonitoringDeclined(refused), v1.MonitoringResumed(refused if h.rng.random() < 0.7 else h._some())


def _exam_corrected(h: History) -> _Told:
    return _Told(v1.ExamPerformed(h.rng.choice(("skin", "hpv"))), h._target(v1.ExamPerformed))


def _waiver(h: History) -> v1.FactData:
    return v1.ObligationWaived("agreed", until=h._until(), **h._obligation())


Tale = v1.FactData | _Told | tuple[v1.FactData, ...]
Act = Callable[[History], Tale]
ACTS: tuple[Act, ...] = (
    lambda h: h._lab(),
    lambda h: h._lab(),
    lambda h: _Told(v1.LabResultCorrected(f"S-{h.rng.randrange(40)}", h._results()), h._target(v1.LabResultRecorded)),
    lambda h: _Told(v1.LabResultCorrected(f"S-{h.rng.randrange(40)}", h._results()), h._target(v1.LabResultRecorded)),
    _cancel,
    _cancel,
    lambda h: v1.InfusionAdministered(dose_mg=12),
    _infusion_corrected,
    _stopped,
    lambda h: _Told(v1.InfusionVoided("wrong patient"), h._target(v1.InfusionAdministered)),
    lambda h: _Told(v1.FactVoided("in error"), h._target()),
    lambda h: _Told(v1.FactVoided("in error"), h._target(v1.FactVoided, v1.InfusionVoided)),
    lambda h: _Told(v1.FactVoided("in error"), h._target(v1.DeathRecorded, v1.ObligationWaived, v1.CareTransferredOut)),
    lambda h: v1.ReactionReported(("petechiae",)),
    lambda h: _Told(v1.ReactionRetracted("in error"), h._target(v1.ReactionReported)),
    lambda h: v1.ExamPerformed(h.rng.choice(("skin", "hpv", "ecg", "mri"))),
    lambda h: v1.ExamPerformed(h.rng.choice(("skin", "hpv"))),
    _exam_corrected,
    lambda h: v1.ProphylaxisStarted("antiviral"),
    lambda h: v1.ProphylaxisStopped("antiviral"),
    lambda h: v1.VaccineAdministered("187"),
    lambda h: v1.PregnancyRecorded(),
    lambda h: v1.PregnancyEnded(),
    _refusal,
    lambda h: v1.MonitoringDeclined(h._some()) if h.rng.random() < 0.5 else v1.MonitoringResumed(h._some()),
    _absence,
    _absence,
    lambda h: v1.CareTransferredOut() if h.rng.random() < 0.3 else v1.CareTransferredIn(site="site-3"),
    lambda h: v1.RemsFormSubmitted(h.rng.choice(("patient-status", "patient-status", "baseline-lab"))),
    _demographics,
    _waiver,
    _waiver,
    _waiver,
    lambda h: v1.ObligationAcknowledged("seen", **h._obligation()),
)

# What no recurring requirement reads, as the golden examples say it; some of it asks for something once.
BESIDE: tuple[v1.FactData, ...] = tuple(
    msgspec.json.decode(msgspec.json.decode(example(name), type=FeedItem).data, type=kind)
    for name, kind in v1.FACTS.items()
    if kind.__module__ != v1.__name__ and kind is not ConditionRetracted
)


def histories(count: int, seed: int = 20240515) -> list[History]:
    return [History(random.Random(f"{seed}/{n}")) for n in range(count)]


def shuffled(facts: list[Fact], rng: random.Random) -> list[Fact]:
    """The same facts in another order, some of them twice."""
    again = [*facts, *rng.sample(facts, len(facts) // 4)]
    rng.shuffle(again)
    return again


def as_arrived(facts: list[Fact]) -> list[Fact]:
    """The wrong way: the order in which the consumer met the facts taken for the order of the log."""
    return [replace(fact, position=place, version=place) for place, fact in enumerate(facts, start=1)]


def questions(history: History, rng: random.Random, count: int) -> list[tuple[date, datetime | None]]:
    """Random points of the two clocks, most of them where something happens."""
    edges = [fact.recorded_at for fact in history.facts]
    points: list[tuple[date, datetime | None]] = []
    for _ in range(count):
        spells = [
            (-30, 700),
            (-30, 1700),
            (1430, 1495),
            (1850, 3600),
            (1850, 3600) if history.returned else (1430, 1495),
        ]
        days = rng.randrange(*rng.choice(spells))
        known = None if rng.random() < 0.6 else rng.choice(edges) + timedelta(microseconds=rng.choice((-1, 0, 1)))
        points.append((history.anchor + timedelta(days=days), known))
    return points
