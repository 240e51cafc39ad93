"""Random infusion days judged twice: by the engine, and by plain arithmetic that shares no code with it."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.contracts.v1.courses import DosePrepared, ObservationCompleted, PremedicationGiven
from shared.contracts.v1.facts import InfusionAdministered, InfusionStopped
from shared.contracts.v1.parts import Reference
from tests.monitoring.rules.infusion_days import broken
from tests.scenario import Scenario

HOUR = timedelta(hours=1)
CLINIC = ZoneInfo("America/New_York")
RULES = (
    *(f"DOS-0{number}" for number in (1, 2, 3, 4, 5, 6, 8)),
    *(f"PRP-0{number}" for number in range(1, 6)),
    *("INF-02", "INF-03", "BAS-13", "POST-01", "SAF-02"),
)
Found = set[tuple[str, str, date]]


@dataclass
class Infusion:
    """One infusion as it was; `None` = not told."""

    start: datetime
    dose: float
    lasted: timedelta | None
    stopped: timedelta | None
    given: float
    diluted: timedelta | None  # before the start
    volume: float | None
    diluent: str
    vial: tuple[str, str] | None
    premedicated: tuple[str, timedelta] | None  # before the start
    observed: timedelta | None  # after the end
    route: str | None
    linked: bool
    ids: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.start.astimezone(CLINIC).date()

    @property
    def diluted_the_day_before(self) -> bool:
        return self.diluted is not None and (self.start - self.diluted).astimezone(CLINIC).date() < self.day

    @property
    def end(self) -> datetime | None:
        after = self.stopped if self.stopped is not None else self.lasted
        return None if after is None else self.start + after


def minutes(rng: random.Random, low: int, high: int) -> timedelta:
    return timedelta(minutes=rng.randrange(low, high))


def days(rng: random.Random) -> list[Infusion]:
    """One to three courses around the changes of the clock, with everything that may go wrong."""
    first = date(2024, rng.choice((3, 11)), rng.choice((1, 2, 8, 9)))
    found = []
    for course in range(rng.randrange(1, 4)):
        for number in range(rng.choice((1, 3, 3, 4, 5, 5, 6))):
            day = first + timedelta(days=number + (rng.random() < 0.1))
            hour = rng.choice((8, 9, 10, 17))
            local = datetime(day.year, day.month, day.day, hour, rng.choice((0, 30)), tzinfo=CLINIC)
            found.append(infusion(rng, local.astimezone(UTC), course))
            if rng.random() < 0.04:
                found.append(infusion(rng, (local + timedelta(hours=5)).astimezone(UTC), course))
        first = found[-1].day + timedelta(days=rng.choice((14, 16, 200, 364, 365, 366, 400)))
    by_start = {one.start: one for one in reversed(found)}  # equal starts would be one infusion
    infusions = [by_start[start] for start in sorted(by_start)]
    many = Counter(one.day for one in infusions)
    for one in infusions:
        # Of two on one day, or of a dose diluted in the evening, only the sender knows which is meant.
        one.linked |= many[one.day] > 1 or one.start.astimezone(CLINIC).hour > 12 or one.diluted_the_day_before
    return infusions


def infusion(rng: random.Random, start: datetime, course: int) -> Infusion:
    stopped = minutes(rng, 10, 200) if rng.random() < 0.1 else None
    vials = ("F1", f"{rng.randrange(60)}")
    return Infusion(
        start=start,
        dose=rng.choice((12, 12, 12, 12, 10)),
        lasted=None if rng.random() < 0.2 else minutes(rng, 225, 300),
        stopped=stopped,
        given=rng.choice((3, 6)) if stopped is not None else 0,
        diluted=None if rng.random() < 0.15 else minutes(rng, -10, 520),
        volume=rng.choice((None, 1.2, 1.2, 1.2, 1.0)),
        diluent=rng.choice(("sodium-chloride-0-9", "dextrose-5", "dextrose-5", "water")),
        vial=None if rng.random() < 0.2 else vials,
        premedicated=None
        if rng.random() < 0.15
        else (rng.choice(("corticosteroid", "corticosteroid", "antihistamine")), minutes(rng, -5, 90)),
        observed=None if rng.random() < 0.15 else minutes(rng, 100, 150),
        route=rng.choice((None, "intravenous", "IV infusion", "push")),
        linked=rng.random() < 0.5,
    )


def told(infusions: list[Infusion]) -> Scenario:
    t = Scenario()
    for one in infusions:
        ended = one.start + one.lasted if one.lasted is not None and one.stopped is None else None
        data = InfusionAdministered(one.dose, ended_at=ended.isoformat() if ended else None, route=one.route)
        one.ids.append(t.record(data, one.start.isoformat()))
        link = Reference(fact_id=one.ids[0]) if one.linked else None
        if one.diluted is not None:
            lot, serial = one.vial or (None, None)
            made = DosePrepared(one.diluent, volume_ml=one.volume, lot=lot, serial=serial, infusion=link)
            t.record(made, (one.start - one.diluted).isoformat())
        if one.premedicated is not None:
            kind, before = one.premedicated
            t.record(PremedicationGiven(kind, infusion=link), (one.start - before).isoformat())
        if one.stopped is not None:
            stop = InfusionStopped(Reference(fact_id=one.ids[0]), "hives", one.given)
            t.record(stop, (one.start + one.stopped).isoformat())
        if one.observed is not None and one.end is not None:
            t.record(ObservationCompleted(link), (one.end + one.observed).isoformat())
    return t


def expected(infusions: list[Infusion]) -> Found:
    found: Found = set()
    courses: list[list[Infusion]] = []
    for one in infusions:
        if courses and (one.day - courses[-1][-1].day).days <= 15:
            courses[-1].append(one)
        else:
            courses.append([one])
    for number, course in enumerate(courses, start=1):
        found |= of_course(number, course)
        dates = sorted({one.day for one in course})
        for one in course:
            found |= of_day(one, steroid=one.day in dates[:3])
    for before, after in pairwise(courses):
        last = max(one.day for course in courses[: courses.index(after)] for one in course)
        a_year_on = date(last.year + 1, 3, 1) if (last.month, last.day) == (2, 29) else last.replace(year=last.year + 1)
        if after[0].day < a_year_on:
            found.add(("DOS-05", "interval", after[0].day))
        assert before is not after
    for day, many in Counter(one.day for one in infusions).items():
        if many > 1:
            found.add(("DOS-06", "same_day", day))
    return found | reused(infusions)


def of_course(number: int, course: list[Infusion]) -> Found:
    need = 5 if number == 1 else 3
    rule = {1: "DOS-02", 2: "DOS-03"}.get(number, "DOS-04")
    mg = sum(one.given if one.stopped is not None else one.dose for one in course)
    found: Found = set()
    if len(course) > need or mg > 12 * need:
        found.add((rule, "excess_course", course[-1].day))
    elif len(course) < need or mg < 12 * need:
        found.add((rule, "incomplete_course", course[-1].day))
    for one, following in pairwise(course):
        if (following.day - one.day).days > 1:
            found.add(("DOS-08", "non_consecutive", following.day))
    return found


def of_day(one: Infusion, *, steroid: bool) -> Found:
    said = [
        ("DOS-01", "dose") if (one.given if one.stopped is not None else one.dose) != 12 else None,
        ("INF-02", "duration") if one.stopped is None and one.lasted is not None and one.lasted < 4 * HOUR else None,
        ("PRP-01", "route") if one.route == "push" else None,
        ("SAF-02", "no_lot") if one.vial is None or one.diluted is None else None,
        ("INF-03", premedication(one, "corticosteroid", "antihistamine")),
        ("BAS-13", premedication(one, "corticosteroid") if steroid else None),
        ("POST-01", observation(one)),
        *dilution(one),
    ]
    return {(pair[0], pair[1], one.day) for pair in said if pair is not None and pair[1] is not None}


def premedication(one: Infusion, *kinds: str) -> str | None:
    if one.premedicated is None or one.premedicated[0] not in kinds:
        return "premedication_missing"
    return "premedication_late" if one.premedicated[1] < 0 * HOUR else None


def observation(one: Infusion) -> str | None:
    if one.observed is None or one.end is None:
        return "observation_missing"
    return "observation_short" if one.observed < 2 * HOUR else None


def dilution(one: Infusion) -> list[tuple[str, str | None]]:
    if one.diluted is None:
        return [("PRP-02", "not_diluted")]
    late = one.end is not None and one.end - (one.start - one.diluted) > 8 * HOUR
    return [
        ("PRP-02", "diluted_after_start" if one.diluted < 0 * HOUR else None),
        ("PRP-05", "dilution_age" if one.diluted > 8 * HOUR else "finished_late" if late else None),
        ("PRP-03", "volume" if one.volume not in {None, 1.2} else None),
        ("PRP-03", "diluent" if one.diluent == "water" else None),
    ]


def reused(infusions: list[Infusion]) -> Found:
    """Dated on the day of the last dose from the vial."""
    last: dict[tuple[str, str], list[date]] = {}
    for one in infusions:
        if one.vial is not None and one.diluted is not None:
            last.setdefault(one.vial, []).append((one.start - one.diluted).astimezone(CLINIC).date())
    return {("PRP-04", "vial_reused", max(dates)) for dates in last.values() if len(dates) > 1}


def test_the_engine_and_plain_arithmetic_find_the_same() -> None:
    seen: Counter[str] = Counter()
    for seed in range(150):
        infusions = days(random.Random(seed))
        t = told(infusions)
        on = str(infusions[-1].day + timedelta(days=60))
        found = {(str(one.rule), one.deviation, one.on) for one in broken(t, on, *RULES)}
        assert found == expected(infusions), seed
        seen.update(deviation for _, deviation, _ in found)
    assert len(seen) == 20, seen
    assert min(seen.values()) > 3, seen
