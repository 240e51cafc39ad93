"""The checks of infusions asked ahead of one: is it far enough from the last, is there room in the course, the age."""

from datetime import date, timedelta

from services.monitoring.rules.deviations.kinds import (
    Age,
    Check,
    ConsecutiveDays,
    CourseSize,
    DilutionAge,
    Interval,
    OneADay,
)
from services.monitoring.rules.deviations.story import NEAR
from services.monitoring.rules.durations import elapsed, in_words, months_after, years_old
from services.monitoring.rules.readiness.asked import Asked, days
from services.monitoring.rules.readiness.line import Proof, Said
from shared.contracts.v1.courses import DosePrepared


def ahead(check: Check, asked: Asked) -> Said | None:  # noqa: PLR0911 (one line per kind of check)
    """None where the rule says nothing of an infusion that is still to come."""
    match check.look:
        case Interval() as look:
            return _interval(look, asked)
        case OneADay():
            return _one_a_day(asked)
        case ConsecutiveDays():
            return _consecutive(asked)
        case CourseSize() as look:
            return _room(look, asked)
        case Age() as look:
            return _age(look, asked)
        case DilutionAge() as look:
            return _dilution(look, asked)
        case _:
            return None


def earliest(look: Interval, asked: Asked) -> date | None:
    """The earliest day on which the next course may begin, after all that was given."""
    last = max((one.last for one in asked.plan.given), default=None)
    return months_after(last, look.months) if last is not None else None


def _interval(look: Interval, asked: Asked) -> Said:
    last = asked.plan.last_before
    if last is None:
        return Said("not_applicable", "There is no earlier course.")
    first_day = months_after(last, look.months)
    proofs = tuple(
        Proof(one.fact_id, one.last, "last infusion", one.last == last, "of an earlier course")
        for one in asked.plan.before
        if one.last == last
    )
    said = (
        f"first infusion on {asked.plan.first_on}; at the earliest on {first_day}, {look.months} months after {last}."
    )
    if asked.plan.first_on < first_day:
        return Said("not_met", f"Too early by {days((first_day - asked.plan.first_on).days)}: {said}", proofs)
    return Said("met", f"Late enough: {said}", proofs)


def _one_a_day(asked: Asked) -> Said:
    today = [one for one in asked.plan.given if one.precise and one.first == asked.plan.on]
    if today:
        proofs = tuple(Proof(one.fact_id, one.first, "infusion", False, "on the same day") for one in today)
        return Said("not_met", f"An infusion was given on {asked.plan.on} already; at most 1 a day.", proofs)
    return Said("met", f"No other infusion is recorded on {asked.plan.on}.")


def _consecutive(asked: Asked) -> Said:
    same = [one for one in asked.plan.given if one.course == asked.plan.course and one.precise]
    if not same:
        return Said("not_applicable", "It would be the first infusion of its course.")
    apart = (asked.plan.on - same[-1].first).days
    proof = (Proof(same[-1].fact_id, same[-1].first, "infusion", apart <= 1, "the one before it"),)
    if apart > 1:
        left_out = days(apart - 1)
        return Said("not_met", f"The infusion before was on {same[-1].first}: {left_out} left out.", proof)
    return Said("met", f"The infusion before was on {same[-1].first}.", proof)


def _room(look: CourseSize, asked: Asked) -> Said | None:
    """Whether the course has room for one more; None for the courses that another check speaks of."""
    plan = asked.plan
    if plan.course < look.first or (look.last is not None and plan.course > look.last):
        return None
    given = plan.infusion - 1
    if given >= look.infusions:
        return Said("not_met", f"Course {plan.course} is complete: {given} of {look.infusions} infusions given.")
    return Said("met", f"It would be infusion {plan.infusion} of {look.infusions} of course {plan.course}.")


def _dilution(look: DilutionAge, asked: Asked) -> Said | None:
    """Of a dose that was diluted for it already; None as long as there is none or the time of the start is open."""
    at = asked.plan.at
    if at is None:
        return None
    taken = {made.fact_id for one in asked.plan.given for made in asked.story.preparations(one)}
    made = [
        (one.instant, one)
        for one in asked.before_start(DosePrepared)
        if one.fact_id not in taken and one.instant is not None and elapsed(one.instant, at) <= NEAR
    ]
    if not made:
        return None
    instant, last = max(made, key=lambda one: one[0])
    age, most = elapsed(instant, at), timedelta(hours=look.at_most_hours)
    proof = (Proof(last.fact_id, last.first, "dilution", age <= most, "the last one for it"),)
    sentence = f"It would start {in_words(age)} after dilution; at most {in_words(most)}."
    return Said("met" if age <= most else "not_met", sentence, proof)


def _age(look: Age, asked: Asked) -> Said:
    born = asked.story.record.belief.who.birth_date
    if born is None:
        return Said("unknown", "The date of birth is not recorded.")
    years = years_old(born, asked.plan.on)
    said = f"{years} years old on {asked.plan.on}; at least {look.at_least}, adults meant."
    if years < look.warned_below:
        return Said("not_met", said, severity=None if years < look.at_least else "WARN")
    return Said("met", said)
