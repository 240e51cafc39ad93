"""On which local dates infusions are given: consecutive, one a day, far enough from the course before."""

from collections.abc import Iterator
from itertools import groupby, pairwise

from services.monitoring.rules.calendar import add_months
from services.monitoring.rules.deviations.found import Found, Quantity
from services.monitoring.rules.deviations.kinds import CourseExpected, Interval
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.durations import months_after
from shared.contracts.v1.courses import CourseForgone


def consecutive_days(story: Story) -> Iterator[Found]:
    for course in story.courses:
        known = [one for one in story.of_course(course) if one.precise]
        for one, following in pairwise(known):
            days = (following.first - one.first).days
            if days > 1:
                left_out = f"{days - 1} day{'' if days == 2 else 's'} left out"
                yield Found(
                    "non_consecutive",
                    following.first,
                    (one.fact_id, following.fact_id),
                    f"Infused on {one.first} and next on {following.first}: {left_out}; consecutive days required.",
                    (Quantity("days apart", days, "exactly", 1, "d"),),
                    course.course,
                )


def one_a_day(story: Story) -> Iterator[Found]:
    for day, together in groupby(story.timed(), key=lambda one: one.first):
        given = list(together)
        if len(given) > 1:
            yield Found(
                "same_day",
                day,
                tuple(one.fact_id for one in given),
                f"{len(given)} infusions on {day}; at most 1 a day.",
                (Quantity("infusions on one day", len(given), "at_most", 1, "1"),),
                given[-1].course,
            )


def interval(look: Interval, story: Story) -> Iterator[Found]:
    for number, course in enumerate(story.courses[1:], start=1):
        last_on = max(one.last_on for one in story.courses[:number])
        earliest = months_after(last_on, look.months)
        if course.first_on < earliest:
            yield Found(
                "interval",
                course.first_on,
                (story.of_course(course)[0].fact_id,),
                f"Course {course.course} began on {course.first_on}; at the earliest on {earliest}, "
                f"{look.months} months after the last infusion on {last_on}.",
                (Quantity("first infusion", str(course.first_on), "at_least", str(earliest), "date"),),
                course.course,
            )


def course_expected(look: CourseExpected, story: Story) -> Iterator[Found]:
    """D-07: later than so many months after the course before, or not begun by then and nobody decided against it."""
    if len(story.courses) < look.course - 1:
        return
    last_on = max(one.last_on for one in story.courses[: look.course - 1])
    by = add_months(last_on, look.by_months)
    expected = f"expected by {by}, {look.by_months} months after the last infusion on {last_on}"
    if len(story.courses) >= look.course:
        course = story.courses[look.course - 1]
        if course.first_on > by:
            first = story.of_course(course)[0].fact_id
            sentence = f"Course {course.course} began on {course.first_on}; {expected}."
            numbers = (Quantity("first infusion", str(course.first_on), "at_most", str(by), "date"),)
            yield Found("late_course", course.first_on, (first,), sentence, numbers, course.course)
    elif story.on > by and not _ended(story):
        sentence = f"Course {look.course} has not begun; {expected}, and no decision against it is recorded."
        numbers = (Quantity("first infusion", None, "at_most", str(by), "date"),)
        last = story.of_course(story.courses[-1])[-1].fact_id
        yield Found("course_not_begun", by, (last,), sentence, numbers, look.course)


def _ended(story: Story) -> bool:
    """It was decided to give no further course, or the patient has died."""
    death = story.record.belief.death
    return bool(story.record.of(CourseForgone, story.on)) or (death is not None and death <= story.on)
