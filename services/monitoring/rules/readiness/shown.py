"""Results, exams and forms that must be there before an infusion: complete, recent enough, and before the start."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from services.monitoring.rules.edition import Requirement, Rolling
from services.monitoring.rules.evidence import Finding, findings
from services.monitoring.rules.readiness.asked import Asked, days, surely_before
from services.monitoring.rules.readiness.kinds import Shown
from services.monitoring.rules.readiness.line import Proof, Said


def shown(need: Shown, asked: Asked) -> Said:
    requirement = asked.requirements[need.same_as] if need.same_as is not None else _own(need)
    names = tuple(part.name for part in requirement.components)
    begins = asked.plan.first_on
    since = begins - timedelta(days=need.within_days) if need.within_days is not None else date.min
    found = [one for one in findings(requirement, asked.story.record.belief) if one.day <= asked.on]
    judged = [(one, *_judged(one, since, asked)) for one in found]
    best = {one.component: one for one, counts, _ in judged if counts}  # the last of each: findings come by day
    missing = [name for name in names if name not in best]
    proofs = _proofs(judged, best, names)
    if missing:
        where = f"between {since} and the start" if need.within_days is not None else "before the start"
        lacking = f"{', '.join(missing)} missing" if best else "none"
        return Said("not_met", f"{lacking[0].upper()}{lacking[1:]} {where} on {asked.plan.on}.", proofs)
    complete_on = min(best.values(), key=lambda one: one.day).day
    sentence = f"Complete with results from {complete_on} on"
    ahead = (begins - complete_on).days
    if ahead < 0 or not all(_in_time(one, asked) for one in best.values()):
        sentence = f"Done late: complete only after the course began on {begins}."
    elif need.within_days is not None:
        sentence += f", {days(ahead)} before the first infusion on {begins}; at most {days(need.within_days)}."
    else:
        sentence += f", {days(ahead)} before the first infusion on {begins}."
    return Said("met", sentence, proofs)


def _judged(one: Finding, since: date, asked: Asked) -> tuple[bool, str]:
    if not one.satisfies:
        return False, one.verdict
    if one.day < since:
        return False, f"{days((since - one.day).days)} too early"
    if not surely_before(one.day, _instant(one, asked), asked.plan):
        if one.day == asked.plan.on and (asked.plan.at is None or _instant(one, asked) is None):
            return False, "on the day of the infusion, not known to be before its start"
        return False, "after the start"
    return True, one.verdict


def _in_time(one: Finding, asked: Asked) -> bool:
    """Before the course began, not only before this infusion of it."""
    plan = asked.plan
    if one.day != plan.first_on:
        return one.day < plan.first_on
    instant = _instant(one, asked)
    return instant is not None and plan.first_at is not None and instant < plan.first_at


def _instant(one: Finding, asked: Asked) -> datetime | None:
    fact = asked.story.record.facts.get(one.fact_id)
    return fact.occurred_at if fact is not None else None


def _proofs(
    judged: list[tuple[Finding, bool, str]], best: dict[str, Finding], names: tuple[str, ...]
) -> tuple[Proof, ...]:
    """What counts, and of what is missing the last that did not; components in the order of the protocol."""
    refused = {one.component: (one, why) for one, counts, why in judged if not counts}
    lines: dict[tuple[str, date, bool, str], list[str]] = {}
    for name in names:
        if name in best:
            lines.setdefault((best[name].fact_id, best[name].day, True, best[name].verdict), []).append(name)
    for name in ("", *names):
        if name in refused and name not in best:
            one, why = refused[name]
            lines.setdefault((one.fact_id, one.day, False, why), []).append(name)
    return tuple(
        Proof(fact_id, day, ", ".join(filter(None, shows)), counts, why)
        for (fact_id, day, counts, why), shows in lines.items()
    )


@lru_cache(maxsize=256)
def _own(need: Shown) -> Requirement:
    """The components as evidence reads them; nothing of its timing is ever asked."""
    return Requirement(
        id="",
        title="",
        short="",
        specimen="Visit",
        severity="TASK",
        basis="policy",
        citation="",
        profiles=(),
        timing=Rolling(0, 0),
        components=need.components,
        insufficient=need.insufficient,
    )
