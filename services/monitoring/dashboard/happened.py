"""The lanes of what happened to the patient: infusions by course, voided ones, reactions and findings."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.monitoring.dashboard.axis import Axis
from services.monitoring.dashboard.lanes import BESIDE, Placed
from services.monitoring.dashboard.words import amount, count, full_day, long_day, month
from services.monitoring.rules.answers import Course, TimelineEntry

_CROWDED = 14.0  # percent that a label needs before the next one may stand


@dataclass(frozen=True, slots=True)
class Words:
    """A label beside a mark; `left` writes it before the mark."""

    x: str
    text: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class Events:
    """Marks and labels of one lane; `nothing` is said where the view holds none."""

    label: str
    sum: str
    marks: tuple[Placed, ...]
    words: tuple[Words, ...]
    nothing: str = ""


def infusions(axis: Axis, courses: Sequence[Course], entries: Iterable[TimelineEntry]) -> Events:
    """A bar for each day of infusion, a dashed one with a cross where the record was voided."""
    given = [entry for entry in entries if entry.type == "InfusionAdministered" and entry.local_date is not None]
    marks: list[Placed] = []
    seen: set[tuple[date, bool]] = set()
    for entry in given:
        day = entry.local_date
        voided = entry.state == "voided"
        if day is None or entry.state == "corrected" or (day, voided) in seen or not axis.holds(day):
            continue
        seen.add((day, voided))
        said = "voided" if voided else entry.summary
        marks.append(Placed("infusion_voided" if voided else "infusion", axis.x(day), f"{full_day(day)}: {said}"))
    total = amount(sum(course.total_mg for course in courses))
    return Events(
        label=" ".join((_courses(courses), _voided(seen))).strip(),
        sum=f"{count(len(courses), 'course')}, {total} mg",
        marks=tuple(marks),
        words=_course_words(axis, courses),
        nothing=_before(courses, axis) if not marks else "",
    )


_FINDINGS = {"FindingRecorded", "ConditionSuspected", "ConditionConfirmed"}


def findings(axis: Axis, entries: Iterable[TimelineEntry], serious: Container[str] = ()) -> Events | None:
    """A triangle for a reaction, solid where its fact is `serious`, a diamond for a finding; None without any."""
    found = [
        (entry.local_date, entry)
        for entry in entries
        if entry.type in {"ReactionReported", *_FINDINGS} and entry.state == "current" and entry.local_date is not None
    ]
    if not found:
        return None
    inside = [(day, entry) for day, entry in found if axis.holds(day)]
    marks: list[Placed] = []
    for day, entry in inside:
        beside = sum(other.x == axis.x(day) for other in marks)
        said = f"{full_day(day)}: {entry.summary}"
        marks.append(Placed(_mark(entry, serious), axis.x(day), said, beside * BESIDE))
    label = "; ".join(f"{entry.summary}, {long_day(day)}" for day, entry in found) + "."
    reactions = sum(entry.type == "ReactionReported" for _, entry in found)
    counted = [(reactions, "reaction"), (len(found) - reactions, "finding")]
    total = ", ".join(count(number, word) for number, word in counted if number)
    return Events(label, total, tuple(marks), (), "" if marks else "None in this view")


def _mark(entry: TimelineEntry, serious: Container[str]) -> str:
    if entry.type in _FINDINGS:
        return "finding"
    return "reaction_serious" if entry.fact_id in serious else "reaction"


def _courses(courses: Sequence[Course]) -> str:
    said = [f"course {c.course}, {count(c.infusions, 'infusion')} from {long_day(c.first_on)}" for c in courses]
    return f"{count(len(courses), 'course')}: {'; '.join(said)}." if said else "No infusions."


def _voided(seen: set[tuple[date, bool]]) -> str:
    days = sorted(day for day, voided in seen if voided)
    return f"Voided: {', '.join(map(long_day, days))}." if days else ""


def _course_words(axis: Axis, courses: Sequence[Course]) -> tuple[Words, ...]:
    found: list[Words] = []
    for index, course in enumerate(courses):
        if not axis.holds(course.last_on):
            continue
        following = axis.at(courses[index + 1].first_on) if index + 1 < len(courses) else 200.0
        at = axis.at(course.last_on)
        if following - at < _CROWDED:
            continue
        text = f"Course {course.course}, {count(course.infusions, 'infusion')}"
        found.append(Words(axis.x(course.last_on), text, left=at > 100 - _CROWDED))
    return tuple(found)


def _before(courses: Sequence[Course], axis: Axis) -> str:
    last = max((course.last_on for course in courses), default=None)
    return f"Last infusion {month(last)}, before this view" if last and last < axis.first else "None in this view"


def edges(anchor: date, on: date, ends_on: date) -> Axis:
    """The whole course: a little before the first infusion to a little after the end, today included."""
    first, last = min(anchor, on), max(ends_on, on)
    margin = max(round((last - first).days * 0.025), 10)
    before, after = min(margin, (first - date.min).days), min(round(margin * 1.4), (date.max - last).days)
    return Axis(first - timedelta(days=before), last + timedelta(days=after))


def year_around(on: date) -> Axis:
    """Nine months back and three ahead: what fits a narrow window."""
    return Axis(on - timedelta(days=274), on + timedelta(days=91))
