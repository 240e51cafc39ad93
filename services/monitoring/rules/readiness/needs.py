"""One prerequisite asked of one planned infusion: does it concern it, and is it met."""

from services.monitoring.rules.readiness.acts import (
    attested,
    counselled,
    enrolled,
    premedicated,
    protected,
    screening,
    unvaccinated,
)
from services.monitoring.rules.readiness.asked import Asked
from services.monitoring.rules.readiness.kinds import (
    Attested,
    Counselled,
    Diagnosed,
    Enrolled,
    Known,
    Need,
    Premedicated,
    Prerequisite,
    Protected,
    Screening,
    Shown,
    TriedBefore,
    Unvaccinated,
    Without,
    YoungerThan,
)
from services.monitoring.rules.readiness.line import Said
from services.monitoring.rules.readiness.person import diagnosed, known, tried_before, without, younger_than
from services.monitoring.rules.readiness.shown import shown
from shared.contracts.v1.history import ChildbearingPotentialRecorded


def met(rule: Prerequisite, asked: Asked) -> Said:
    course = asked.plan.course
    if course < rule.from_course or (rule.through_course is not None and course > rule.through_course):
        return Said("not_applicable", f"Not asked for before course {course}.")
    if rule.applies_to == "childbearing" and (reason := _no_childbearing(asked)) is not None:
        return Said("not_applicable", reason)
    return _met(rule.need, asked)


def _no_childbearing(asked: Asked) -> str | None:
    """Why it does not apply; what is unknown never drops it."""
    said = asked.before_start(ChildbearingPotentialRecorded)
    stated = [one for one in said if one.data.potential != "unknown"]
    if stated:
        last = stated[-1]
        return f"No childbearing potential, recorded on {last.first}." if last.data.potential == "no" else None
    return "Male." if asked.story.record.belief.who.sex == "male" else None


def _met(need: Need, asked: Asked) -> Said:  # noqa: PLR0911, PLR0912 (one line per kind of need)
    match need:
        case Shown():
            return shown(need, asked)
        case Screening():
            return screening(need, asked)
        case Attested():
            return attested(need, asked)
        case Premedicated():
            return premedicated(need, asked)
        case Protected():
            return protected(need, asked)
        case Counselled():
            return counselled(need, asked)
        case Enrolled():
            return enrolled(need, asked)
        case Unvaccinated():
            return unvaccinated(need, asked)
        case Known():
            return known(need, asked)
        case Diagnosed():
            return diagnosed(need, asked)
        case Without():
            return without(need, asked)
        case TriedBefore():
            return tried_before(need, asked)
        case YoungerThan():
            return younger_than(need, asked)
