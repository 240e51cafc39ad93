"""The history of a worked example as recorded facts; what it does not say is as plain as it can be."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.monitoring.mistakes import Mistake
from services.monitoring.protocol_file import Example
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.scenes import Scene
from services.monitoring.toml_lines import Path
from shared.contracts.v1.facts import (
    FACTS,
    DemographicsCorrected,
    ExamPerformed,
    FactData,
    InfusionAdministered,
    LabResultRecorded,
    Result,
    Sex,
    TreatmentOpened,
)
from shared.contracts.v1.parts import Reference

TREATMENT = "T"
_ZONE = "America/New_York"
_OPENED = datetime(2020, 1, 1, 12, tzinfo=UTC)
_ANY_DOSE = 1.0  # mg: whatever the dose, it is an infusion
_EVENING = time(20)  # what happened in the day is recorded by then
_SECOND = timedelta(seconds=1)


@dataclass
class History:
    """Facts told one after the other; `wrong` is what could not be told, and where it stands."""

    zone: str = _ZONE
    facts: list[Fact] = field(default_factory=list)
    wrong: list[Mistake] = field(default_factory=list)

    def tell(
        self,
        data: FactData,
        at: datetime | None = None,
        *,
        on: str | None = None,
        name: str | None = None,
        recorded: datetime | None = None,
        corrects: str | None = None,
    ) -> None:
        """`at` an instant or `on` a date as written; without a name a fact is called by its number."""
        version = len(self.facts) + 1
        known = (recorded or self._known(at)).astimezone(UTC)
        if self.facts:
            known = max(known, self.facts[-1].recorded_at + _SECOND)
        self.facts.append(
            Fact(
                fact_id=name or f"fact-{version}",
                treatment=TREATMENT,
                version=version,
                position=version,
                data=data,
                occurred_at=at or (None if on else known),
                occurred_on=on,
                zone=None,
                issued_at=None,
                recorded_at=known,
                business_id=None,
                corrects=None if corrects is None else Reference(fact_id=corrects),
            )
        )

    def open(self, protocol: str, sex: Sex, birth_date: str | None = None) -> None:
        self.tell(TreatmentOpened(protocol=protocol, site="example", zone=self.zone, sex=sex), _OPENED)
        if birth_date:
            self.tell(DemographicsCorrected(birth_date=birth_date), _OPENED)

    def noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), ZoneInfo(self.zone))

    def read(self, kind: str, data: dict[str, Any], path: Path) -> FactData | None:
        """A fact's data as the course service would take it."""
        if kind not in FACTS:
            near = get_close_matches(kind, FACTS, 1)
            meant = f"Did you mean {near[0]}?" if near else "docs/contract.md §1.4 lists those that are"
            self.wrong.append(((*path, "type"), f'"{kind}" is no fact that can be recorded. {meant}'))
            return None
        try:
            return msgspec.convert(data, FACTS[kind])
        except msgspec.ValidationError as why:
            said = str(why).replace("Object ", "It ").replace("`", "")
            self.wrong.append(((*path, "data"), f"this is no {kind}: {said}. docs/contract.md §1.4 says what one is"))
            return None

    def _known(self, at: datetime | None) -> datetime:
        if at is None:
            return self.facts[-1].recorded_at if self.facts else _OPENED
        return max(at, datetime.combine(at.astimezone(ZoneInfo(self.zone)).date(), _EVENING, ZoneInfo(self.zone)))


def of_example(example: Example, protocol: str, path: Path) -> History:
    """In the order of time; the nth exam is called `exam-n`."""
    told = History()
    told.open(protocol, "female")
    happened: list[tuple[datetime, FactData, str | None, datetime | None]] = [
        (told.noon(day), InfusionAdministered(dose_mg=_ANY_DOSE), None, None) for day in example.infusions
    ]
    for specimen in example.specimens:
        results = tuple(Result(code, "final") for code in specimen.loinc)
        happened.append((told.noon(specimen.on), LabResultRecorded(f"S-{specimen.on}", results), None, None))
    for number, one in enumerate(example.exams):
        data = told.read("ExamPerformed", {"exam": one.exam}, (*path, "exams", number))
        if isinstance(data, ExamPerformed):
            happened.append((told.noon(one.on), data, f"exam-{number + 1}", None))
    for number, fact in enumerate(example.facts):
        data = told.read(fact.type, fact.data, (*path, "facts", number))
        if data is not None:
            happened.append((_aware(fact.at, told.zone), data, fact.name, fact.recorded))
    for at, what, name, recorded in sorted(happened, key=lambda one: one[3] or one[0]):
        told.tell(what, at, name=name, recorded=recorded)
    return told


def of_scene(scene: Scene, protocol: str, path: Path) -> History:
    """In the order in which the scene tells it."""
    told = History(scene.zone)
    told.open(protocol, scene.sex, scene.birth_date)
    names = {fact.name for fact in scene.facts if fact.name}
    for number, fact in enumerate(scene.facts):
        here: Path = (*path, "facts", number)
        for key, named in (("infusion", fact.infusion), ("corrects", fact.corrects)):
            if named is not None and named not in names:
                told.wrong.append(
                    ((*here, key), f'"{named}" names no fact of this scene. Write name = "{named}" there')
                )
        data = told.read(
            fact.type, fact.data | ({"infusion": {"fact_id": fact.infusion}} if fact.infusion else {}), here
        )
        if data is not None:
            told.tell(data, fact.at, on=fact.on, name=fact.name, recorded=fact.recorded, corrects=fact.corrects)
    return told


def _aware(instant: datetime, zone: str) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(zone))
