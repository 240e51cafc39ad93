"""Which infusion is meant: when it begins, of which course it is, and which one it would be."""

from datetime import UTC, date, datetime
from typing import Literal

from msgspec import Struct

from services.monitoring.rules.as_written import day_written, instant_written
from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.deviations.story import Given, Story
from services.monitoring.rules.readiness.line import PlanView
from shared.contracts.v1.courses import CoursePlanned


class Plan(Struct, frozen=True):
    """`given` are the infusions before it, `before` those of them that belong to earlier courses.

    `first_on`, `first_at`: where the course begins, with this infusion or an earlier one.
    """

    on: date
    at: datetime | None
    source: Literal["asked", "planned", "judged"]
    fact_id: str | None
    course: int
    infusion: int
    first_on: date
    first_at: datetime | None
    given: tuple[Given, ...]
    before: tuple[Given, ...]

    @property
    def last_before(self) -> date | None:
        """The last infusion of any earlier course."""
        return max((one.last for one in self.before), default=None)

    def view(self) -> PlanView:
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if self.at else None
        return PlanView(self.on, at, self.source, self.fact_id, self.course, self.infusion, self.first_on)


def plan(story: Story, asked: datetime | None) -> Plan:
    """The instant asked for; else the last recorded plan that is not past; else the date judged."""
    if asked is not None:
        return _plan(story, local_day(asked, story.record.belief.who.clinic), asked, "asked", None)
    planned = [
        one
        for one in story.record.of(CoursePlanned, story.on)
        if (day_written(one.data.first_on) or date.min) >= story.on
    ]
    if planned:
        last = planned[-1]
        at = instant_written(last.data.starts_at)
        on = local_day(at, story.record.belief.who.clinic) if at else _begins(last.data)
        return _plan(story, on, at, "planned", last.fact_id)
    return _plan(story, story.on, None, "judged", None)


def _begins(data: CoursePlanned) -> date:
    """What is no date of the calendar plans nothing."""
    return day_written(data.first_on) or date.min


def as_begun(story: Story, course: int) -> Plan | None:
    """A course that was begun, as if its first infusion were still to come; None where its day is not known."""
    first = next(one for one in story.infusions if one.course == course)
    if not first.precise:
        return None
    before = tuple(one for one in story.infusions if one.course < course)
    return Plan(first.first, first.start, "judged", first.fact_id, course, 1, first.first, first.start, before, before)


def _plan(
    story: Story, on: date, at: datetime | None, source: Literal["asked", "planned", "judged"], fact_id: str | None
) -> Plan:
    given = tuple(one for one in story.infusions if _earlier(one, on, at))
    last = given[-1] if given else None
    if last is not None and (on - max(one.last for one in given if one.course == last.course)).days <= story.gap:
        same = [one for one in given if one.course == last.course]
        before = tuple(one for one in given if one.course < last.course)
        first = same[0]
        return Plan(on, at, source, fact_id, last.course, len(same) + 1, first.first, first.start, given, before)
    return Plan(on, at, source, fact_id, last.course + 1 if last else 1, 1, on, at, given, given)


def _earlier(one: Given, on: date, at: datetime | None) -> bool:
    if one.first == on and one.start is not None and at is not None:
        return one.start < at
    return one.first <= on
