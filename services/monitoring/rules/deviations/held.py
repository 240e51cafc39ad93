"""Infusions that began while something held them: an illness, or what somebody placed."""

from collections.abc import Iterator, Sequence

from services.monitoring.rules.deviations.found import Found
from services.monitoring.rules.deviations.story import Given, Story
from services.monitoring.rules.holds.find import STOPPING, holds, in_force
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.holds.kinds import HoldRule


def held(rules: Sequence[HoldRule], story: Story) -> Iterator[tuple[Hold, Found]]:
    """Overdue monitoring is left out: what it was on that day is what was known of it since."""
    for given in story.timed():
        for hold in holds(rules, story.record, (), given.first):
            if in_force(hold) and hold.severity in STOPPING and _before(hold, given, story):
                sentence = f"Infused while held: {hold.sentence[0].lower()}{hold.sentence[1:]}"
                facts = (given.fact_id, *hold.opened_by)
                yield hold, Found("infused_while_held", given.first, facts, sentence, course=given.course)


def _before(hold: Hold, given: Given, story: Story) -> bool:
    """Whether it was open when the infusion began; on the same date only if both times say so."""
    if hold.opened_on < given.first:
        return True
    opened = story.record.facts[hold.opened_by[0]].occurred_at
    return opened is not None and given.start is not None and opened < given.start
