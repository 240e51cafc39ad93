"""Exposures, courses and episodes (R6–R9) as they stand on a date."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.v1 import facts as v1
from tests.monitoring.reference.calendar import When, add_months, when
from tests.monitoring.reference.protocol import Protocol
from tests.monitoring.reference.statements import Thing
from tests.monitoring.reference.voids import Names


@dataclass
class Course:
    number: int
    infusions: int
    first: date
    last: date
    mg: float


@dataclass
class Episode:
    """`anchor` is A, `end` is E, inclusive."""

    number: int
    anchor: date
    end: date
    courses: list[Course]


@dataclass(frozen=True)
class Exposure:
    when: When
    mg: float


def exposures(things: list[Thing], names: Names, zone: str, on: date) -> list[Exposure]:
    """R7, R6: 0 mg is no infusion, whatever is recorded beside it; of equal starts the first recorded is the one."""
    found: list[Exposure] = []
    starts: set[object] = set()
    for thing in things:  # by the position of the first statement
        data = thing.deciding.data
        if not isinstance(data, v1.InfusionAdministered):
            continue
        moment = when(thing.deciding, zone)
        if moment.first > on:
            continue
        given = _given(thing, things, names, zone, on)
        mg = float(data.dose_mg if given is None else given)
        start = moment.instant or (moment.first if moment.first == moment.last else None)
        if mg > 0 and (start is None or start not in starts):
            starts.add(start)
            found.append(Exposure(moment, mg))
    return sorted(found, key=lambda one: (one.when.first, one.when.last))


def _given(infusion: Thing, things: list[Thing], names: Names, zone: str, on: date) -> float | None:
    """What the last stop whose day has come says was given of it."""
    stops = sorted(things, key=lambda thing: thing.deciding.position)
    amounts = [
        thing.deciding.data.given_mg
        for thing in stops
        if isinstance(thing.deciding.data, v1.InfusionStopped)
        and thing.deciding.data.given_mg is not None
        and when(thing.deciding, zone).first <= on
        and any(named in infusion.said for named in names.of(thing.deciding.data.infusion))
    ]
    return float(amounts[-1]) if amounts else None


def episodes(given: list[Exposure], protocol: Protocol) -> list[Episode]:
    found: list[Episode] = []
    number = 0
    for one in given:
        if not found or one.when.first > found[-1].end:
            found.append(Episode(len(found) + 1, one.when.first, one.when.last, []))
        episode = found[-1]
        course = episode.courses[-1] if episode.courses else None
        if course and (one.when.first - course.last).days <= protocol.gap_days:
            course.infusions, course.mg = course.infusions + 1, course.mg + one.mg
            course.last = max(course.last, one.when.last)
        else:
            number += 1
            episode.courses.append(Course(number, 1, one.when.first, one.when.last, one.mg))
        episode.end = add_months(max(course.last for course in episode.courses), protocol.episode_months)
    return found
