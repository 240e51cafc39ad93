"""A made-up cohort: what a hospital would have posted about its patients over two years, in the order it posted it.

The same number, seed and day always give the same messages. Nobody in it exists: labels are "Patient 0042".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.up import panels, preparing, turns
from services.up.turns import Turn

YEARS = 2
SYSTEM = "urn:coursewatch:demo"
SITES = (("neuro-1", "America/New_York"), ("neuro-2", "America/Chicago"), ("neuro-3", "America/Los_Angeles"))
MONTH = 30.44  # days, on average: patients come about monthly; the rules count calendar months
# Messages arrive in batches, two a day: lived-in enough, and a first start stays quick.
BATCH = timedelta(hours=12)

# What happens to the patients beside their visits; every twentieth patient has the same story.
STORIES = (
    "punctual", "second-course", "transfer", "death", "declined", "voided", "waived", "lapsed", "corrected",
    "cancelled", "unknown-sex", "partial", "late", "reaction", "planned", "bleeding", "irregular", "late",
    "held", "short",
)  # fmt: skip
# Of ten visits: how many are skipped, and how many days after the month's day the others are.
HABITS = {"punctual": (0, -4, 5), "late": (1, 6, 21), "irregular": (3, -5, 18)}


@dataclass(frozen=True, slots=True)
class Message:
    """One request of the hospital: a treatment to open, or a fact, and when it reaches the course service."""

    arrives_at: datetime
    patient: int
    opens: bool
    body: dict[str, Any]


def messages(patients: int, seed: int, now: datetime) -> list[Message]:
    """All messages that arrived before `now`, in order of arrival; within a batch the openings come first."""
    cohort = [_Patient(number, seed, now.date()) for number in range(1, patients + 1)]
    everything = (message for patient in cohort for message in patient.history())
    return sorted(
        (message for message in everything if message.arrives_at <= now),
        key=lambda message: (message.arrives_at, not message.opens, message.patient),
    )


class _Patient:
    """Writes one patient's history, from the opening to today."""

    def __init__(self, number: int, seed: int, today: date) -> None:
        self._number, self._seed, self._today = number, seed, today
        self._random = Random(f"{seed}/{number}")  # noqa: S311 - made-up patients, nothing to guard
        self._count = 0
        self._story = STORIES[number % len(STORIES)]
        self._site, zone = SITES[number % len(SITES)]
        self._zone = ZoneInfo(zone)
        self._sex = "unknown" if self._story == "unknown-sex" else self._random.choice(("female", "female", "male"))
        age = self._random.randint(90, YEARS * 365)
        long_ago = self._story in {"second-course", "planned"}
        self._start = today - timedelta(days=min(age + 380, 830) if long_ago else age)

    def history(self) -> Iterator[Message]:
        yield self._opening(self._start - timedelta(days=20))
        yield from self._baseline(self._start - timedelta(days=10))
        yield from self._course(self._start, (0, 1, 3) if self._story == "short" else (0, 1, 2, 3, 4))
        if self._story == "second-course":
            again = self._start + timedelta(days=372)
            yield from self._before_a_course(again - timedelta(days=10))
            yield from self._course(again, (0, 1, 2))
        yield from self._visits()
        yield from self._turn()

    def _before_a_course(self, on: date) -> Iterator[Message]:
        for panel in (*panels.MONTHLY, panels.THYROID):
            yield self._labs(on, panel)

    def _baseline(self, on: date) -> Iterator[Message]:
        yield from self._before_a_course(on)
        yield self._labs(on, panels.URINE_PROTEIN)
        yield self._fact("ScreeningCompleted", on, {"screening": "tuberculosis", "result": "negative"})
        if self._sex == "female":
            yield self._fact("ProphylaxisStarted", on, {"kind": "contraception"})
        yield self._fact("ExamPerformed", on, {"exam": "skin"})
        if self._sex == "female":
            yield self._fact("ExamPerformed", on, {"exam": "hpv"})
        yield self._fact("RemsFormSubmitted", on, {"form": "baseline-lab"})

    def _course(self, start: date, days: tuple[int, ...]) -> Iterator[Message]:
        yield self._fact("ProphylaxisStarted", start, {"kind": "antiviral", "product": "aciclovir"}, hour=7)
        for count, day in enumerate(days):
            on = start + timedelta(days=day)
            name = f"infusion-{self._number}-{on.isoformat()}"
            starts = datetime.combine(on, time(10, self._random.randrange(60)), self._zone)
            steroid = {"kind": "corticosteroid" if count < 3 else "antihistamine"}
            given = preparing.infusion(starts, f"L{on:%y%m}")
            yield self._fact("PremedicationGiven", on, steroid, at=starts - timedelta(minutes=40))
            yield self._fact("InfusionAdministered", on, given, at=starts, delay=timedelta(hours=5), name=name)
            observed = preparing.ends(starts) + timedelta(hours=2, minutes=5)
            yield self._fact("ObservationCompleted", on, {}, at=observed, delay=timedelta(minutes=20))
            if self._story == "voided" and day == 2:
                twice = f"{name}-again"
                yield self._fact(
                    "InfusionAdministered", on, {"dose_mg": 12}, hour=16, delay=timedelta(days=1), name=twice
                )
                yield self._fact(
                    "InfusionVoided",
                    on,
                    {"reason": "entered twice"},
                    hour=17,
                    delay=timedelta(days=3),
                    corrects=twice,
                )
            if self._story == "reaction" and day == 1:
                signs = {"signs": ["rash", "headache"], "severity": "mild", "action": "slowed"}
                yield self._fact("ReactionReported", on, signs, hour=12, delay=timedelta(hours=6))
        if self._story == "short":
            yield from self._told(turns.fever(start + timedelta(days=2)))
        yield from self._after_a_course(start + timedelta(days=95))

    def _after_a_course(self, on: date) -> Iterator[Message]:
        yield self._labs(on - timedelta(days=5), panels.HELPER_CELLS)
        yield self._fact("ProphylaxisStopped", on, {"kind": "antiviral", "product": "aciclovir"})

    def _visits(self) -> Iterator[Message]:
        skipped, earliest, latest = HABITS.get(self._story, (1, -4, 9))
        last = (self._today - self._start).days - (self._random.randint(50, 150) if self._story == "lapsed" else 0)
        if self._story in {"transfer", "death", "declined"}:
            last = int(last * 0.6)
        if self._story == "planned":
            last -= 35  # what the planned course asks for is drawn apart
        for month in range(1, int(last / MONTH) + 2):
            on = self._start + timedelta(days=round(month * MONTH) + self._random.randint(earliest, latest))
            if (on - self._start).days > last or self._random.randrange(10) < skipped:
                continue
            yield from self._visit(on, month)
            if month % 12 == 0:
                yield self._fact("ExamPerformed", on, {"exam": "skin"})
                if self._sex == "female":
                    yield self._fact("ExamPerformed", on, {"exam": "hpv"})
            if month % 6 == 0:
                yield self._fact("RemsFormSubmitted", on, {"form": "patient-status"})

    def _visit(self, on: date, month: int) -> Iterator[Message]:
        due = [*panels.MONTHLY, *([panels.THYROID] if month % 3 == 0 else [])]
        for panel in due:
            codes = panels.without_last(panel) if self._story == "partial" and self._random.randrange(3) == 0 else panel
            yield self._labs(on, codes)
        if self._story == "corrected" and month == 3:
            wrong = f"{panels.BLOOD_COUNT.name}-{self._number}-{on.isoformat()}"
            yield self._labs(on, panels.BLOOD_COUNT, delay=timedelta(days=9), corrects=wrong)
        if self._story == "cancelled" and month % 4 == 1:
            lost = f"{panels.SERUM.name}-{self._number}-{on.isoformat()}"
            hemolysed = {"reason": "hemolysed", "codes": ["1920-8"]}
            yield self._fact("LabResultCancelled", on, hemolysed, delay=timedelta(days=4), corrects=lost)

    def _turn(self) -> Iterator[Message]:
        on = self._start + timedelta(days=int((self._today - self._start).days * 0.65))
        match self._story:
            case "transfer":
                yield self._fact("CareTransferredOut", on, {"to": "another hospital"})
            case "death":
                yield self._fact("DeathRecorded", on, {}, delay=timedelta(days=6))
            case "declined":
                yield self._fact("MonitoringDeclined", on, {"reason": "no longer wishes blood draws"})
            case "waived":
                until = (self._today + timedelta(days=60)).isoformat()
                waiver = {"requirement": "MON-06", "reason": "seen by dermatology elsewhere", "until": until}
                yield self._fact("ObligationWaived", on, waiver)
            case "planned":
                before = self._today - timedelta(days=5)
                yield from self._told(turns.plan(before, self._today + timedelta(days=6)))
                for panel in (panels.BLOOD_COUNT, panels.SERUM, panels.THYROID):  # and no urine
                    yield self._labs(before, panel)
            case "bleeding":
                day = self._today - timedelta(days=40)
                yield from self._told(turns.bleeding(day))
                yield self._labs(day + timedelta(days=3), panels.BLOOD_COUNT)  # asked for the same day
            case "held":
                day = self._today - timedelta(days=30)
                yield from self._told(turns.thrombocytopenia(day))
                yield self._urgent_count(day)
            case _:
                return

    def _told(self, turns: Iterable[Turn]) -> Iterator[Message]:
        for kind, on, hour, data in turns:
            yield self._fact(kind, on, data, hour=hour)

    def _urgent_count(self, on: date) -> Message:
        """A blood count with platelets far too low."""
        low = {"code": "777-3", "value": 38, "unit": "10*3/uL", "status": "final"}
        results = [low, *panels.BLOOD_COUNT.results(self._random)[1:]]
        return self._fact(
            "LabResultRecorded", on, {"specimen_id": f"urgent-{self._number}", "results": results}, hour=11
        )

    def _opening(self, on: date) -> Message:
        body = {
            "identifier": self._identifier,
            "protocol": "alemtuzumab-ms",
            "site": self._site,
            "zone": self._zone.key,
            "sex": self._sex,
            "birth_date": f"{self._random.randint(1962, 2001)}-{self._random.randint(1, 12):02}-15",
            "label": f"Patient {self._number:04}",
        }
        return Message(_batch(datetime.combine(on, time(9), self._zone)), self._number, opens=True, body=body)

    def _labs(
        self, on: date, panel: panels.Panel, delay: timedelta | None = None, corrects: str | None = None
    ) -> Message:
        specimen = f"{panel.name}-{self._number}-{on.isoformat()}"
        data = {"specimen_id": specimen, "results": panel.results(self._random)}
        kind = "LabResultCorrected" if corrects else "LabResultRecorded"
        wait = delay or timedelta(hours=self._random.choice((3, 4, 5, 7, 22, 26, 50)))
        name = None if corrects else specimen
        return self._fact(kind, on, data, hour=8, delay=wait, name=name, corrects=corrects)

    def _fact(
        self,
        kind: str,
        on: date,
        data: dict[str, Any],
        hour: int = 9,
        delay: timedelta = timedelta(hours=2),
        name: str | None = None,
        corrects: str | None = None,
        at: datetime | None = None,
    ) -> Message:
        self._count += 1
        happened = at or datetime.combine(on, time(hour, self._random.randrange(60)), self._zone)
        body: dict[str, Any] = {
            "identifier": self._identifier,
            "type": kind,
            "message_id": f"demo-{self._seed}-{self._number}-{self._count}",
            "occurred_at": happened.isoformat(timespec="seconds"),
            "source": SYSTEM,
            "author": "demo",
            "data": data,
        }
        if name:
            body["business_id"] = {"system": SYSTEM, "value": name}
        if corrects:
            body["corrects"] = {"business_id": {"system": SYSTEM, "value": corrects}}
        return Message(_batch(happened + delay), self._number, opens=False, body=body)

    @property
    def _identifier(self) -> dict[str, str]:
        return {"system": SYSTEM, "value": f"demo-{self._seed}-{self._number:04}"}


def _batch(at: datetime) -> datetime:
    return datetime.fromtimestamp(ceil(at.timestamp() / BATCH.total_seconds()) * BATCH.total_seconds(), UTC)
