"""How a hold works: what opens it, what it does, and what ends it."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from services.monitoring.rulebook.entry import Detail
from services.monitoring.rulebook.words import Glossary, first_upper, listed
from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.holds.kinds import (
    HoldRule,
    Illness,
    Medicine,
    Opening,
    Screened,
    TreatedBefore,
    Unmonitored,
)

_DOES: dict[Severity, str] = {
    "BLOCK": "no infusion",
    "HOLD": "no infusion",
    "WARN": "a warning",
    "TASK": "a warning",
    "INFO": "a remark",
}


def how(rule: HoldRule, glossary: Glossary) -> str:
    """ "No infusion from the first suspicion or sign on, until it is excluded, over or lifted by a clinician."."""
    said = [_opening(opening, _DOES[rule.severity], glossary) for opening in rule.opens]
    return f"{first_upper('; '.join(dict.fromkeys(said)))}."


def details(rule: HoldRule, glossary: Glossary) -> Iterator[Detail]:
    causes = [cause for opening in rule.opens if isinstance(opening, Illness) for cause in opening.causes]
    if len(causes) > 1:
        yield Detail("Conditions", first_upper(listed([cause.name for cause in causes])))
    signs = dict.fromkeys(glossary.plain(sign) for cause in causes for sign in cause.signs)
    if signs:
        yield Detail("Signs", first_upper(", ".join(signs)))


def _opening(opening: Opening, does: str, glossary: Glossary) -> str:
    match opening:
        case Illness():
            return _illness(opening, does)
        case Medicine(groups=groups):
            return f"{does} while a medicine is taken that is {_named(groups, glossary)}"
        case Screened(screenings=screenings, results=results):
            last = f"the last screening was {listed(results, 'or')}"
            return f"{does} while {last} ({_named(screenings, glossary)})"
        case TreatedBefore(products=products):
            return f"{does} after earlier treatment with {_named(products, glossary)}"
        case Unmonitored(warn_from_day=warn, hold_from_day=hold, requirements=which):
            late = f"a warning from day {warn} overdue on, {does} from day {hold} on or while it is declined"
            return f"{late}: any of {listed(which, 'or')}"
        case _:
            assert_never(opening)


def _illness(opening: Illness, does: str) -> str:
    signs = any(cause.signs for cause in opening.causes)
    suspected = "from the first suspicion or sign on" if signs else "from the first suspicion on"
    begins = suspected if opening.opens == "suspected" else "once it is confirmed"
    ends = ["it is excluded" + (" and another cause is named" if opening.excluded == "lifts-with-cause" else "")]
    if opening.evaluated == "lifts":
        ends.append("its evaluation is finished without a confirmation")
    if opening.resolved == "lifts":
        ends.append("it is over")
    ends.append("a clinician lifts it")
    said = f"{does} {begins}, until {listed(ends, 'or')}"
    given_up = [
        *(["confirmed"] if opening.confirmed == "discontinue" else []),
        *(["evaluated without another cause"] if opening.evaluated == "discontinue" else []),
    ]
    return f"{said}; {listed(given_up, 'or')}, the treatment is given up" if given_up else said


def _named(slugs: Sequence[str], glossary: Glossary) -> str:
    return listed([glossary.plain(slug) for slug in slugs], "or")
