"""How a requirement works: its rhythm, or what asks for it, and what satisfies it."""

from collections.abc import Iterator
from typing import assert_never

from services.monitoring.rulebook.entry import Detail, RuleKind
from services.monitoring.rulebook.words import Glossary, counted, first_upper, listed, shortened
from services.monitoring.rules.edition import Component, Courses, Grid, Once, Requirement, Rolling, Threshold

_WHO = {"everyone": "", "cervix": "For patients with a cervix, and where it is not known: "}


def kind(rule: Requirement) -> RuleKind:
    match rule.timing:
        case Grid():
            return "grid"
        case Rolling():
            return "rolling"
        case Once():
            return "once"
        case _:
            assert_never(rule.timing)


def how(rule: Requirement, courses: Courses, glossary: Glossary) -> str:
    """ "Monthly from the first infusion on …", "Due the same day after: petechiae, …"."""
    said = _rhythm(rule, courses, glossary)
    who = _WHO[rule.applies_to]
    return f"{who}{said[:1].lower()}{said[1:]}" if who else said


def details(rule: Requirement, components: tuple[Component, ...], glossary: Glossary) -> Iterator[Detail]:
    """`components` are its own, or those that it shares."""
    if isinstance(rule.timing, Once) and len(_asking(rule.timing, glossary)) > 1:
        yield Detail("Asked for by", first_upper(", ".join(_asking(rule.timing, glossary))))
    yield Detail("Done with", first_upper(listed([_component(part, glossary) for part in components])))
    if rule.insufficient:
        yield Detail("Does not count", first_upper("; ".join(one.why for one in rule.insufficient)))


def _rhythm(rule: Requirement, courses: Courses, glossary: Glossary) -> str:
    match rule.timing:
        case Grid(every_months=months, early_days=early):
            often = "Monthly" if months == 1 else f"Every {months} months"
            end = f"until {counted(courses.episode_months, 'month')} after the last one"
            opens = f"each window opens {counted(early, 'day')} before its due date"
            return f"{often} from the first infusion on, {end}; {opens}."
        case Rolling(every_months=months, opens_before_days=before):
            due = f"{first_upper(counted(months, 'month'))} after the last one done, else after the first infusion"
            return f"{due}; it opens {counted(before, 'day')} before it is due and stays open until done."
        case Once(due_days=days):
            when = f"within {counted(days, 'day')}" if days else "the same day"
            asking = _asking(rule.timing, glossary)
            each = "each of these: " if len(asking) > 1 else ""
            return f"Due {when} after {each}{shortened(asking)}."
        case _:
            assert_never(rule.timing)


def _component(part: Component, glossary: Glossary) -> str:
    """Its name; where a word of what is recorded says more, that too."""
    if not part.act:
        return part.name
    return f"{part.name} ({glossary.acts(part.act)})"


def _asking(timing: Once, glossary: Glossary) -> list[str]:
    """Signs first: they are what is seen. A value is named by what is measured, not by its codes."""
    words = sorted(timing.after, key=lambda word: not word.startswith("sign:"))
    return [*map(glossary.act, words), *(_value(one, glossary) for one in timing.values)]


def _value(one: Threshold, glossary: Glossary) -> str:
    limit = f"below {one.below:g}" if one.below is not None else f"of at least {one.at_least:g}"
    return f"{listed(glossary.measured(one.loinc), 'or')} {limit} {one.units[0]}"
