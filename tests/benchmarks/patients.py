"""Made-up patients for measuring: 300 facts each over 48 months, of every kind that a busy treatment sees.

Nine of ten facts are what monitoring is made of: results in time. The rest is what rules must not be quick at the cost
of: results that come late, preliminary ones and their final versions, corrections, cancellations, voids, a second
course, a waiver, a refusal that is taken back.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from services.monitoring.rules.calendar import add_months
from shared.contracts.v1 import facts as v1
from shared.contracts.v1.feed import FeedItem
from shared.contracts.v1.parts import BusinessId, Reference

FACTS = 300
MONTHS = 48
SYSTEM = "urn:bench:lis"
ZONES = ("America/New_York", "Europe/Berlin", "America/Los_Angeles", "Asia/Tokyo")
BLOOD = (("777-3", "10*3/uL"), ("6690-2", "10*3/uL"), ("718-7", "g/dL"), ("751-8", "10*3/uL"), ("731-0", "10*3/uL"))
SERUM = (("2160-0", "mg/dL"), ("1742-6", "U/L"), ("1920-8", "U/L"), ("1975-2", "mg/dL"))
URINE = (("13945-1", "/[HPF]"), ("5821-4", "/[HPF]"))
THYROID = (("3016-3", "m[IU]/L"),)
OTHERS = (("2951-2", "mmol/L"), ("2823-3", "mmol/L"))  # sodium, potassium: results that no requirement uses
TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One fact before it has its place in the log."""

    recorded_at: datetime
    treatment: str
    fact_id: str
    data: v1.FactData
    occurred_at: datetime
    business_id: BusinessId | None
    corrects: Reference | None


def log(patients: int, seed: int = 1, facts: int | None = None) -> Iterator[bytes]:
    """The feed items of so many patients as one log, interleaved by the instant of recording; the first `facts`."""
    versions: dict[str, int] = {}
    latest = datetime(1970, 1, 1, tzinfo=UTC)
    told = merge(*(_Patient(number, seed).told() for number in range(patients)), key=lambda one: one.recorded_at)
    for position, one in enumerate(told, start=1):
        if facts is not None and position > facts:
            return
        latest = max(one.recorded_at, latest + TICK)
        version = versions[one.treatment] = versions.get(one.treatment, 0) + 1
        yield _item(one, position, version, latest)


class _Patient:
    def __init__(self, number: int, seed: int) -> None:
        self._random = Random(f"{seed}/{number}")
        self._zone = ZONES[number % len(ZONES)]
        self._tz = ZoneInfo(self._zone)
        self._site = f"site-{number % 12}"
        self._sex: v1.Sex = self._random.choice(("female", "female", "male"))
        # Starts are spread over two months, so that at every moment all patients are somewhere in their course.
        self._anchor = date(2020, 3, 2) + timedelta(days=number * 61 // 7 % 61)
        self._count = 0
        self._told: list[Told] = []
        self.treatment = self._id()

    def told(self) -> Iterator[Told]:
        """In order of recording."""
        self._tell(v1.TreatmentOpened("alemtuzumab-ms", self._site, self._zone, self._sex), self._anchor, days=-20)
        for day in range(5):
            self._tell(v1.InfusionAdministered(dose_mg=12), self._anchor, days=day)
        for day in range(3):
            self._tell(v1.InfusionAdministered(dose_mg=12), self._anchor, days=370 + day)
        for month in range(1, MONTHS + 1):
            self._visit(month)
        self._events()
        while len(self._told) < FACTS:
            self._lab(OTHERS, self._anchor + timedelta(days=self._random.randrange(40, 1400)))
        return iter(sorted(self._told, key=lambda one: one.recorded_at)[:FACTS])

    def _visit(self, month: int) -> None:
        on = add_months(self._anchor, month) + timedelta(days=self._random.randrange(-4, 5))
        for panel in (BLOOD, SERUM, URINE):
            if self._random.random() < 0.93:
                self._lab(panel, on)
        if month % 3 == 0:
            self._lab(THYROID, on)
        if month % 6 == 0:
            self._tell(v1.RemsFormSubmitted("patient-status"), on)
        if month % 12 == 0:
            self._tell(v1.ExamPerformed("skin"), on)
            if self._sex == "female":
                self._tell(v1.ExamPerformed("hpv"), on)
        if self._random.random() < 0.5:
            self._lab(OTHERS, on)

    def _lab(self, panel: tuple[tuple[str, str], ...], on: date) -> None:
        """A result; of a hundred, five come late, eight are first sent as preliminary, two corrected, one cancelled."""
        specimen = f"S-{len(self._told)}"
        chance = self._random.random()
        if chance < 0.08:
            self._result(panel, specimen, on, 1, "preliminary", timedelta(hours=3))
            self._result(panel, specimen, on, 2, "final", timedelta(hours=30))
            return
        late = timedelta(days=20) if 0.08 <= chance < 0.13 else timedelta(hours=self._random.choice((3, 5, 7, 26)))
        root = self._result(panel, specimen, on, 1, "final", late)
        if 0.13 <= chance < 0.15:
            corrected = v1.LabResultCorrected(specimen, self._values(panel, "corrected"))
            self._tell(corrected, on, late + timedelta(days=4), corrects=root)
        elif 0.15 <= chance < 0.16:
            self._tell(v1.LabResultCancelled("hemolysed"), on, late + timedelta(days=2), corrects=root)

    def _result(
        self,
        panel: tuple[tuple[str, str], ...],
        specimen: str,
        on: date,
        version: int,
        status: v1.ResultStatus,
        after: timedelta,
    ) -> str:
        data = v1.LabResultRecorded(specimen, self._values(panel, status))
        return self._tell(data, on, after, business=BusinessId(SYSTEM, specimen, version))

    def _values(self, panel: tuple[tuple[str, str], ...], status: v1.ResultStatus) -> tuple[v1.Result, ...]:
        return tuple(
            v1.Result(code, status, value=round(self._random.uniform(1, 200), 1), unit=unit) for code, unit in panel
        )

    def _events(self) -> None:
        self._tell(v1.ReactionReported(("rash", "headache"), severity="mild"), self._anchor, days=2)
        twice = self._tell(v1.InfusionAdministered(dose_mg=12), self._anchor, days=3)
        self._tell(v1.FactVoided("entered twice"), self._anchor, timedelta(days=2), days=3, corrects=twice)
        self._tell(v1.ProphylaxisStarted("antiviral"), self._anchor)
        self._tell(v1.ProphylaxisStopped("antiviral"), self._anchor, days=200)
        kind = self._random.randrange(10)
        if kind == 0:
            self._tell(v1.MonitoringDeclined(("MON-03",)), self._anchor, days=500)
            self._tell(v1.MonitoringResumed(("MON-03",)), self._anchor, days=640)
        elif kind == 1:
            self._tell(v1.ObligationWaived("seen elsewhere", requirement="MON-06"), self._anchor, days=700)
        elif kind == 2:
            self._tell(v1.CareTransferredOut(), self._anchor, days=800)
            self._tell(v1.CareTransferredIn(), self._anchor, days=900)

    def _tell(
        self,
        data: v1.FactData,
        on: date,
        after: timedelta = timedelta(hours=4),
        *,
        days: int = 0,
        business: BusinessId | None = None,
        corrects: str | None = None,
    ) -> str:
        at = datetime.combine(on + timedelta(days=days), time(8, self._random.randrange(60)), self._tz)
        fact_id = self._id()
        recorded = at.astimezone(UTC) + after + timedelta(seconds=self._random.randrange(3000))
        reference = None if corrects is None else Reference(fact_id=corrects)
        self._told.append(Told(recorded, self.treatment, fact_id, data, at, business, reference))
        return fact_id

    def _id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _item(one: Told, position: int, version: int, recorded_at: datetime) -> bytes:
    opening = isinstance(one.data, v1.TreatmentOpened)
    item = FeedItem(
        position=position,
        fact_id=one.fact_id,
        treatment=one.treatment,
        version=version,
        type=type(one.data).__name__,
        schema=1,
        occurred_at=(recorded_at if opening else one.occurred_at).isoformat(timespec="seconds"),
        occurred_on=None,
        zone=None,
        issued_at=None,
        recorded_at=recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        sender="bench",
        source="urn:bench:lis",
        author="analyzer-3",
        business_id=one.business_id,
        corrects=one.corrects,
        data=msgspec.Raw(msgspec.json.encode(one.data)),
    )
    return msgspec.json.encode(item)
