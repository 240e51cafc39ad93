"""given / when / then for one treatment: tell what happened and when it became known, then ask what stands.

    t = Scenario()
    t.course("2024-05-15", days=5)
    t.cbc("2024-06-10")
    assert t.at("2024-06-10").standing("MON-01", 1) == "done"

A time is a day (`"2024-06-10"`: 08:00 at the clinic), an instant with its offset, or `Day("2024-06")` for a date
without a time. `known` says when the fact was recorded: a day means 20:00 at the clinic; by default the day it
happened, and never before what was told earlier. The same history comes out as HTTP bodies for a replay through the
public doors (docs/contract.md §1.2).
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.monitoring import catalogue
from services.monitoring.rules import assess
from services.monitoring.rules.answers import Assessment
from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from tests.view import View

EDITION = catalogue.load("alemtuzumab-ms", "us")
IDS = uuid.UUID("6f1f0c7e-0d2c-4f0e-9a38-6d1f7a7f3c11")
UTC = ZoneInfo("UTC")
SYSTEM = "urn:hospital:lis"

CODES = {
    "platelets": "777-3",
    "leukocytes": "6690-2",
    "hemoglobin": "718-7",
    "neutrophils": "751-8",
    "lymphocytes": "731-0",
    "creatinine": "2160-0",
    "urine RBC": "13945-1",
    "urine WBC": "5821-4",
    "TSH": "3016-3",
    "ALT": "1742-6",
    "AST": "1920-8",
    "total bilirubin": "1975-2",
}
CBC = ("platelets", "leukocytes", "hemoglobin", "neutrophils", "lymphocytes")
LIVER = ("ALT", "AST", "total bilirubin")
URINE = ("urine RBC", "urine WBC")


@dataclass(frozen=True)
class Day:
    """A date as the sender wrote it, without a time: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""

    text: str


def named(value: str) -> parts.Reference:
    """A reference by the sender's own name for a thing."""
    return parts.Reference(business_id=parts.BusinessName(SYSTEM, value))


def instant(text: str, zone: str = "UTC", at: time = time(8)) -> datetime:
    """An instant, or a day at `at` in `zone`."""
    if "T" in text:
        return datetime.fromisoformat(text)
    return datetime.combine(date.fromisoformat(text), at, ZoneInfo(zone))


@dataclass
class Scenario:
    """One treatment and its facts, versions 1..n without a gap, recorded_at strictly increasing."""

    zone: str = "America/New_York"
    sex: v1.Sex = "female"
    name: str = "T"
    site: str = "neuro-1"
    opened: str = "2020-01-01"
    facts: list[Fact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.treatment = str(uuid.uuid5(IDS, self.name))
        opening = v1.TreatmentOpened(protocol="alemtuzumab-ms", site=self.site, zone=self.zone, sex=self.sex)
        self.record(opening, self.opened, known=self.opened)

    # What happened

    def record(
        self,
        data: v1.FactData,
        when: str | Day | None = None,
        *,
        known: str | None = None,
        zone: str | None = None,
        issued: str | None = None,
        business: tuple[str, int | None] | None = None,
        corrects: str | parts.Reference | None = None,
    ) -> str:
        """Record a fact and return its id. `corrects` is a fact id or `named(…)`; `business` is (value, version)."""
        version = len(self.facts) + 1
        recorded_at = self._recorded_at(when, known)
        fact = Fact(
            fact_id=self.fact_id(version),
            treatment=self.treatment,
            version=version,
            position=version,
            data=data,
            occurred_at=None if isinstance(when, Day) else instant(when, zone or self.zone) if when else recorded_at,
            occurred_on=when.text if isinstance(when, Day) else None,
            zone=zone,
            issued_at=instant(issued, self.zone) if issued else None,
            recorded_at=recorded_at,
            business_id=parts.BusinessId(SYSTEM, *business) if business else None,
            corrects=parts.Reference(fact_id=corrects) if isinstance(corrects, str) else corrects,
        )
        self.facts.append(fact)
        return fact.fact_id

    def infusion(self, when: str | Day, mg: float = 12, **how: Any) -> str:
        return self.record(v1.InfusionAdministered(dose_mg=mg), when, **how)

    def course(self, first: str, days: int = 5, **how: Any) -> list[str]:
        """Infusions of 12 mg on consecutive days."""
        start = date.fromisoformat(first)
        return [self.infusion(str(start + timedelta(days=n)), **how) for n in range(days)]

    def lab(
        self,
        when: str | Day,
        *components: str,
        status: v1.ResultStatus = "final",
        specimen: str | None = None,
        values: dict[str, float] | None = None,
        **how: Any,
    ) -> str:
        """Results of one specimen; a component is a name of CODES or a LOINC code."""
        return self.record(
            v1.LabResultRecorded(specimen or self._specimen(), _results(components, status, values)), when, **how
        )

    def cbc(self, when: str | Day, **how: Any) -> str:
        """A CBC with differential, all five components."""
        return self.lab(when, *CBC, **how)

    def correct_lab(
        self,
        corrects: str | parts.Reference | None,
        when: str | Day,
        *components: str,
        status: v1.ResultStatus = "corrected",
        specimen: str = "S-corrected",
        values: dict[str, float] | None = None,
        **how: Any,
    ) -> str:
        data = v1.LabResultCorrected(specimen, _results(components, status, values))
        return self.record(data, when, corrects=corrects, **how)

    def cancel(
        self,
        corrects: str | parts.Reference | None = None,
        *,
        specimen: str | None = None,
        only: tuple[str, ...] | None = None,
        **how: Any,
    ) -> str:
        """The laboratory cancels a result, or every result of a specimen, or `only` some components of it."""
        codes = tuple(CODES.get(name, name) for name in only) if only else None
        return self.record(
            v1.LabResultCancelled("wrong patient", specimen_id=specimen, codes=codes), corrects=corrects, **how
        )

    def void(self, corrects: str | parts.Reference, **how: Any) -> str:
        """Void any fact, also a void."""
        return self.record(v1.FactVoided("entered in error"), corrects=corrects, **how)

    def void_infusion(self, corrects: str | parts.Reference, **how: Any) -> str:
        return self.record(v1.InfusionVoided("wrong patient"), corrects=corrects, **how)

    def exam(self, exam: Any, when: str | Day, **how: Any) -> str:
        return self.record(v1.ExamPerformed(exam), when, **how)

    def form(self, when: str | Day, form: Any = "patient-status", **how: Any) -> str:
        return self.record(v1.RemsFormSubmitted(form), when, **how)

    def demographics(self, *, known: str, corrects: str | None = None, **changes: Any) -> str:
        return self.record(v1.DemographicsCorrected(**changes), known, known=known, corrects=corrects)

    def transfer_out(self, when: str | Day, **how: Any) -> str:
        return self.record(v1.CareTransferredOut(), when, **how)

    def transfer_in(self, when: str | Day, site: str | None = None, **how: Any) -> str:
        return self.record(v1.CareTransferredIn(site=site), when, **how)

    def decline(self, when: str | Day, *requirements: str, **how: Any) -> str:
        return self.record(v1.MonitoringDeclined(requirements or None), when, **how)

    def resume(self, when: str | Day, *requirements: str, **how: Any) -> str:
        return self.record(v1.MonitoringResumed(requirements or None), when, **how)

    def waive(self, what: str, when: str | Day, until: str | None = None, **how: Any) -> str:
        """Waive a requirement (`"MON-01"`) or one of its slots (`"MON-01.e1.s3"`); `until` is the last day."""
        slot = f"{self.treatment}.{what}" if "." in what else None
        data = v1.ObligationWaived("agreed", obligation_id=slot, requirement=None if slot else what, until=until)
        return self.record(data, when, **how)

    def death(self, when: str | Day, **how: Any) -> str:
        return self.record(v1.DeathRecorded(), when, **how)

    def fact_id(self, version: int) -> str:
        """The id that a version has or will have; ids are in no order."""
        return str(uuid.uuid5(IDS, f"{self.name}/{version}"))

    # What stands

    def assess(self, on: str, known: str | None = None) -> Assessment:
        return assess(EDITION, self.facts, date.fromisoformat(on), self.known_at(known))

    def at(self, on: str, known: str | None = None) -> View:
        """What stands on `on` by what was known at `known` (a day = its end at the clinic; none = all)."""
        return View.of(self.assess(on, known))

    def known_at(self, known: str | None) -> datetime | None:
        if known is None or "T" in known:
            return datetime.fromisoformat(known) if known else None
        return instant(known, self.zone, time.max)

    # The same history through the public doors

    def opening(self) -> dict[str, Any]:
        """The body that opens this treatment."""
        who = {"system": "urn:test:mrn", "value": self.name}
        return {"identifier": who, "protocol": "alemtuzumab-ms", "site": self.site, "zone": self.zone, "sex": self.sex}

    def body(self, fact: Fact, ids: dict[str, str]) -> dict[str, Any]:
        """A fact as its sender posts it; `ids` turns ids of this scenario into those the service gave."""
        body = {
            "type": fact.type,
            "message_id": fact.fact_id,
            "occurred_at": fact.occurred_at.isoformat() if fact.occurred_at else None,
            "occurred_on": fact.occurred_on,
            "zone": fact.zone,
            "source": "urn:test:scenario",
            "author": "tester",
            "business_id": fact.business_id,
            "corrects": fact.corrects,
            "issued_at": fact.issued_at.isoformat() if fact.issued_at else None,
            "data": fact.data,
        }
        text = msgspec.json.encode({key: value for key, value in body.items() if value is not None}).decode()
        for ours, theirs in ids.items():
            text = text.replace(ours, theirs)
        return msgspec.json.decode(text.replace(fact.fact_id, f"message-{fact.version}-{self.name}"))  # type: ignore[no-any-return]

    def _recorded_at(self, when: str | Day | None, known: str | None) -> datetime:
        """When the log took it: strictly after what it took before."""
        last = self.facts[-1].recorded_at if self.facts else None
        if known is not None:
            recorded = instant(known, self.zone, time(20)).astimezone(UTC)
            if last and recorded.date() < last.date():
                raise ValueError(f"tell facts in the order in which they became known: {known} is before {last}")
        elif isinstance(when, str):
            recorded = max(instant(when, self.zone), instant(when[:10], self.zone, time(20))).astimezone(UTC)
        else:
            recorded = last or instant(self.opened, self.zone, time(20)).astimezone(UTC)
        return max(recorded, last + timedelta(seconds=1)) if last else recorded

    def _specimen(self) -> str:
        return f"S-{len(self.facts) + 1}"


def _results(
    components: tuple[str, ...], status: v1.ResultStatus, values: dict[str, float] | None
) -> tuple[v1.Result, ...]:
    values = values or {}
    return tuple(v1.Result(CODES.get(name, name), status, value=values.get(name)) for name in components)


def treated(first: str = "2024-05-15", days: int = 5, **who: Any) -> Scenario:
    """A treatment with its first course given; by default that of timeline T4.

    MON-01 then has the slots 1: 06-15 (06-08 … 07-07), 2: 07-15 (07-08 … 08-07), 3: 08-15 (08-08 … 09-07), …
    """
    t = Scenario(**who)
    t.course(first, days)
    return t
