"""Every deviation of one treatment on a date: each check of the edition asked of what had happened by then."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.monitoring.rules.deviations import clocks, days, doses, person, preparation
from services.monitoring.rules.deviations.baseline import baseline
from services.monitoring.rules.deviations.found import Deviation, Found
from services.monitoring.rules.deviations.held import held
from services.monitoring.rules.deviations.kinds import (
    Age,
    Check,
    ConsecutiveDays,
    CourseExpected,
    CourseSize,
    Diluted,
    DilutionAge,
    Dose,
    Duration,
    Interval,
    LiveVaccine,
    Look,
    LotRecorded,
    Observation,
    OneADay,
    Premedication,
    Preparation,
    Route,
    VialOnce,
)
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.edition import Requirement
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.infusion_rules import InfusionRules
from services.monitoring.rules.overrides import override
from services.monitoring.rules.readiness.kinds import Prerequisite


def deviations(rules: InfusionRules, requirements: Mapping[str, Requirement], story: Story) -> tuple[Deviation, ...]:
    """By date, then rule, then facts. Facts are never refused: this only says what they broke."""
    found = [_of_rule(check, one, story) for check in rules.checks for one in _found(check.look, story)]
    found.extend(_of_rule(*one, story) for one in baseline(rules.prerequisites, requirements, story))
    found.extend(_deviation(hold, hold.rule, one, hold.overridden_by) for hold, one in held(rules.holds, story))
    return tuple(sorted(found, key=lambda one: (one.on, one.rule or "", one.deviation, one.fact_ids)))


def _of_rule(rule: Check | Prerequisite, one: Found, story: Story) -> Deviation:
    return _deviation(rule, rule.id, one, _overridden_by(rule.id, one.on, story))


def _deviation(
    broken: Check | Prerequisite | Hold, rule: str | None, one: Found, overridden_by: str | None
) -> Deviation:
    return Deviation(
        rule,
        broken.title,
        one.deviation,
        one.severity or broken.severity,
        broken.basis,
        broken.citation,
        one.on,
        one.course,
        one.fact_ids,
        one.sentence,
        one.quantities,
        one.provisional,
        overridden_by,
    )


def _overridden_by(rule: str, day: date, story: Story) -> str | None:
    """A decision that was taken by that day: one taken afterwards does not undo what happened."""
    found = override(story.record, rule, day)
    return found.fact_id if found else None


def _found(look: Look, story: Story) -> Iterator[Found]:  # noqa: PLR0911, PLR0912 (one line per kind of check)
    match look:
        case Dose():
            return doses.dose(look, story)
        case CourseSize():
            return doses.course_size(look, story)
        case ConsecutiveDays():
            return days.consecutive_days(story)
        case OneADay():
            return days.one_a_day(story)
        case Interval():
            return days.interval(look, story)
        case CourseExpected():
            return days.course_expected(look, story)
        case Duration():
            return clocks.duration(look, story)
        case DilutionAge():
            return clocks.dilution_age(look, story)
        case Observation():
            return clocks.observation(look, story)
        case Diluted():
            return preparation.diluted(story)
        case Preparation():
            return preparation.preparation(look, story)
        case Route():
            return preparation.route(look, story)
        case VialOnce():
            return preparation.vial_once(story)
        case LotRecorded():
            return preparation.lot_recorded(story)
        case Premedication():
            return person.premedication(look, story)
        case Age():
            return person.age(look, story)
        case LiveVaccine():
            return person.live_vaccine(look, story)
