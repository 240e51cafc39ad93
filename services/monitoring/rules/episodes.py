"""Infusions grouped into treatment courses and monitoring episodes (R6–R9, clinical.md §2.1)."""

from collections.abc import Iterable
from datetime import date, timedelta

from services.monitoring.rules.answers import Course, Episode
from services.monitoring.rules.belief import Infusion
from services.monitoring.rules.calendar import add_months
from services.monitoring.rules.edition import Courses


def episodes(infusions: Iterable[Infusion], courses: Courses, on: date) -> tuple[Episode, ...]:
    """The episodes that exist on `on`, by anchor; courses are numbered over the whole treatment and never restart."""
    found: list[list[Course]] = []
    number = 0
    gap = timedelta(days=courses.gap_days)
    for given, mg in given_by(infusions, on):
        course = found[-1][-1] if found else None
        if course is not None and given.first - course.last_on <= gap:
            found[-1][-1] = Course(
                course.course,
                course.infusions + 1,
                course.first_on,
                max(course.last_on, given.last),
                course.total_mg + mg,
            )
            continue
        number += 1
        begun = Course(number, 1, given.first, given.last, mg)
        if found and given.first <= _end(found[-1], courses):
            found[-1].append(begun)
        else:
            found.append([begun])
    return tuple(
        Episode(place, group[0].first_on, _end(group, courses), tuple(group))
        for place, group in enumerate(found, start=1)
    )


def given_by(infusions: Iterable[Infusion], on: date) -> list[tuple[Infusion, float]]:
    """The exposures known to have happened by `on` with the mg given: 0 mg is none, twice the same start is one."""
    first_recorded: dict[object, tuple[Infusion, float]] = {}
    for one in sorted(infusions, key=lambda infusion: infusion.version):
        mg = _given_mg(one, on)
        if one.first <= on and mg > 0:
            first_recorded.setdefault(start_of(one), (one, mg))
    return sorted(first_recorded.values(), key=lambda pair: (pair[0].first, pair[0].last, pair[0].version))


def _given_mg(infusion: Infusion, on: date) -> float:
    """The last of what was said about it by facts of days that have come (R2)."""
    return next((mg for day, mg in reversed(infusion.stops) if day <= on), infusion.dose_mg)


def start_of(infusion: Infusion) -> object:
    """R6: equal instants are one infusion, and so are two records of one date without a time."""
    if infusion.instant is not None:
        return infusion.instant
    return infusion.first if infusion.first == infusion.last else infusion.fact_id


def _end(courses: list[Course], limits: Courses) -> date:
    return add_months(max(course.last_on for course in courses), limits.episode_months)
