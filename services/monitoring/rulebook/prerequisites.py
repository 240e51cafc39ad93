"""How a prerequisite works: before which infusions it is asked, and for what."""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from services.monitoring.rulebook.entry import Detail
from services.monitoring.rulebook.words import Glossary, counted, first_upper, listed, shortened
from services.monitoring.rules.edition import Component
from services.monitoring.rules.readiness.kinds import (
    Attested,
    Counselled,
    Diagnosed,
    Enrolled,
    Known,
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

Shared = Mapping[str, tuple[Component, ...]]
"""The components of each requirement, by its id."""
_PROTECTIONS = {"antiviral": "an antiviral", "contraception": "contraception"}
_WHO = {"everyone": "", "childbearing": ", for patients who may bear children"}


def how(rule: Prerequisite, shared: Shared, glossary: Glossary) -> str:
    """ "Before each course: TSH, within 30 days before its first infusion."."""
    said = f"{_when(rule)}{_WHO[rule.applies_to]}: {_asked(rule, shared, glossary)}."
    return said if rule.overridable else f"{said[:-1]}; no override helps."


def details(rule: Prerequisite, glossary: Glossary) -> Iterator[Detail]:
    need = rule.need
    match need:
        case Counselled(topics=topics):
            yield Detail("Topics", _plain(topics, glossary))
        case Diagnosed(conditions=conditions, not_for=others):
            yield Detail("Accepted", _plain(conditions, glossary))
            yield Detail("Not for", _plain(others, glossary))
        case Shown(insufficient=insufficient) if insufficient:
            yield Detail("Does not count", first_upper("; ".join(one.why for one in insufficient)))
        case _:
            pass
    if rule.deviation:
        yield Detail("If it is missing", "A course that begins without it keeps a deviation.")


def _when(rule: Prerequisite) -> str:
    match rule.need:
        case Attested() | Premedicated():
            each = "infusion"
        case _:
            each = "course"
    if rule.through_course == 1:
        return "Before the first course"
    if rule.through_course is not None:
        return f"Before courses {rule.from_course} to {rule.through_course}"
    return f"Before each {each}" + (f" from course {rule.from_course} on" if rule.from_course > 1 else "")


def _asked(rule: Prerequisite, shared: Shared, glossary: Glossary) -> str:  # noqa: PLR0911, PLR0912 (one line per need)
    need = rule.need
    match need:
        case Shown(within_days=days):
            parts = need.components or shared[need.same_as or ""]
            within = f", within {counted(days, 'day')} before its first infusion" if days is not None else ""
            return f"{listed([part.name for part in parts])}{within}"
        case Screening():
            return _screening(need, glossary)
        case Attested(subjects=subjects, same_day=same_day):
            day = "on the day itself " if same_day else ""
            return f"{day}somebody vouches: {_any(subjects, glossary)}"
        case Premedicated(any_of=kinds):
            return f"{_any(kinds, glossary)} is given on the day"
        case Protected(prophylaxis=what, topics=topics):
            instead = f", or the patient was told about {_any(topics, glossary)}" if topics else ""
            return f"{_PROTECTIONS[what]} is started and not stopped{instead}"
        case Counselled(topics=topics):
            return f"the patient was told about {shortened([glossary.plain(one) for one in topics], 'and')}"
        case Enrolled(programme=programme, roles=roles, authorised=authorised):
            allowed = ", and it authorised this course" if authorised else ""
            return f"{listed(roles)} are enrolled in {glossary.plain(programme)}{allowed}"
        case Known():
            return "the record says the date of birth, the illness and earlier treatments"
        case Diagnosed(conditions=conditions):
            return f"confirmed {shortened([glossary.plain(one) for one in conditions])}"
        case Without(conditions=conditions):
            return f"no confirmed {_any(conditions, glossary)}"
        case TriedBefore(at_least=least):
            return f"at least {counted(least, 'other medicine')} tried before"
        case YoungerThan(years=years):
            return f"younger than {counted(years, 'year')}"
        case Unvaccinated(weeks=weeks):
            return f"no vaccine in the {counted(weeks, 'week')} before its first infusion"
        case _:
            assert_never(need)


def _screening(need: Screening, glossary: Glossary) -> str:
    """The first name stands for all that senders use."""
    said = f"the last screening for {glossary.plain(need.screenings[0])} was {listed(need.accept, 'or')}"
    if need.treated:
        said += ", or the illness was treated to its end, excluded or is over"
    if need.vaccines:
        said += f", or a vaccine was given at least {counted(need.vaccine_weeks, 'week')} before"
    return said.replace("not-needed", "not needed")


def _any(slugs: Sequence[str], glossary: Glossary) -> str:
    return listed([glossary.plain(slug) for slug in slugs], "or")


def _plain(slugs: Sequence[str], glossary: Glossary) -> str:
    return first_upper(", ".join(glossary.plain(slug) for slug in slugs))
