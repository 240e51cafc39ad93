"""How a period works: from when to when, and what must cover it."""

from services.monitoring.rulebook.entry import RuleKind
from services.monitoring.rulebook.words import counted
from services.monitoring.rules.periods.kinds import Covered, Length, Period

_WHO = {"everyone": "", "childbearing": "For patients who may bear children: "}


def kind(rule: Period) -> RuleKind:
    return "protection" if isinstance(rule.asks, Covered) else "watch"


def how(rule: Period) -> str:
    """ "Watched until 3 days after each infusion.", "Without a gap from the first infusion of each course until …"."""
    said = _said(rule)
    who = _WHO[rule.applies_to]
    return f"{who}{said[:1].lower()}{said[1:]}" if who else said


def _said(rule: Period) -> str:
    length = _length(rule.lasts)
    last = "each infusion" if rule.each == "infusion" else "the last infusion of each course"
    if not isinstance(rule.asks, Covered):
        return (
            f"Watched until {length} after {last}." if length else f"Watched from each {rule.each} on, without an end."
        )
    first = "each infusion" if rule.each == "infusion" else "the first infusion of each course"
    end = f"until {length} after {'it' if rule.each == 'infusion' else 'its last'}" if length else "on"
    until = rule.asks.until
    later = f", or until {until.name} of at least {until.at_least:g} if that is later" if until else ""
    return f"Without a gap from {first} {end}{later}."


def _length(lasts: Length) -> str | None:
    for number, unit in ((lasts.hours, "hour"), (lasts.days, "day"), (lasts.months, "month")):
        if number is not None:
            return counted(number, unit)
    return None
