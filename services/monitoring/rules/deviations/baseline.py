"""What should have been there before a course began and was not: a deviation for good, whatever is done later (R23)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from msgspec import structs

from services.monitoring.rules.deviations.found import Found
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.edition import Requirement
from services.monitoring.rules.readiness.asked import Asked
from services.monitoring.rules.readiness.kinds import Prerequisite
from services.monitoring.rules.readiness.needs import met
from services.monitoring.rules.readiness.plan import Plan, as_begun


def baseline(
    rules: Iterable[Prerequisite], requirements: Mapping[str, Requirement], story: Story
) -> Iterator[tuple[Prerequisite, Found]]:
    """Of every course whose first day is known, dated on that day."""
    asking = [rule for rule in rules if rule.deviation]
    for course in story.courses:
        plan = as_begun(story, course.course)
        if plan is None:
            continue
        for rule in asking:
            said = met(rule, Asked(story, plan, requirements))
            if said.standing == "not_met":
                sentence = f"{rule.title}: {said.sentence[0].lower()}{said.sentence[1:]}"
                if met(rule, Asked(story, _later(plan, story), requirements)).standing == "met":
                    sentence += " It was done later."
                facts = (plan.fact_id,) if plan.fact_id else ()
                yield rule, Found("no_baseline", plan.on, facts, sentence, course=course.course)


def _later(plan: Plan, story: Story) -> Plan:
    """The same course, asked for whatever was done until now."""
    return structs.replace(plan, on=story.on + timedelta(days=1), at=None)
