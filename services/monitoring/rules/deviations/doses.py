"""Dose of one infusion, and size of a course (R7, R8)."""

from collections.abc import Iterator
from datetime import timedelta

from services.monitoring.rules.answers import Course
from services.monitoring.rules.deviations.found import Found, Quantity, whole
from services.monitoring.rules.deviations.kinds import CourseSize, Dose
from services.monitoring.rules.deviations.story import Story


def dose(look: Dose, story: Story) -> Iterator[Found]:
    required = whole(look.mg)
    for one in story.infusions:
        if one.mg != look.mg:
            yield Found(
                "dose",
                one.first,
                (one.fact_id,),
                f"{whole(one.mg)} mg given; {required} mg required.",
                (Quantity("dose", whole(one.mg), "exactly", required, "mg"),),
                one.course,
            )


def course_size(look: CourseSize, story: Story) -> Iterator[Found]:
    for course in story.courses:
        if look.first <= course.course and (look.last is None or course.course <= look.last):
            yield from _size(look, course, story)


def _size(look: CourseSize, course: Course, story: Story) -> Iterator[Found]:
    facts = tuple(one.fact_id for one in story.of_course(course))
    numbers = f"{course.infusions}/{look.infusions} infusions, {whole(course.total_mg)}/{whole(look.mg)} mg"
    quantities = (
        Quantity("infusions", course.infusions, "exactly", look.infusions, "1"),
        Quantity("total dose", whole(course.total_mg), "exactly", whole(look.mg), "mg"),
    )
    name = f"Course {course.course}"
    if course.infusions > look.infusions or course.total_mg > look.mg:
        sentence = f"{name} is larger than it should be: {numbers}."
        yield Found("excess_course", course.last_on, facts, sentence, quantities, course.course)
    elif course.infusions < look.infusions or course.total_mg < look.mg:
        settled_on = course.last_on + timedelta(days=look.settled_after_days)
        open_still = story.on <= settled_on
        sentence = f"{name} is incomplete: {numbers}"
        sentence += f"; it may be continued through {settled_on}." if open_still else "."
        yield Found(
            "incomplete_course", course.last_on, facts, sentence, quantities, course.course, provisional=open_still
        )
