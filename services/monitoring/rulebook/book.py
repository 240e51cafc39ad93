"""A protocol as a book: every rule that it writes, in chapters, each with how it works."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from services.monitoring.protocol_file import ProtocolFile
from services.monitoring.rulebook import checks, holds, periods, prerequisites, requirements
from services.monitoring.rulebook.entry import Carried, Chapter, Detail, Entry, NotCarriedOut, Rulebook, RuleKind
from services.monitoring.rulebook.words import Glossary
from services.monitoring.rules.deviations.kinds import Check
from services.monitoring.rules.edition import Requirement
from services.monitoring.rules.holds.kinds import HoldRule
from services.monitoring.rules.periods.kinds import Period
from services.monitoring.rules.readiness.kinds import Prerequisite

CHAPTERS = {
    "ELG": "Eligibility",
    "HLD": "Holds and cautions",
    "BAS": "Baseline, before a course",
    "DOS": "Dosing",
    "PRP": "Preparation",
    "INF": "During the infusion",
    "POST": "After the infusion",
    "PRX": "Prophylaxis and precautions",
    "MON": "Recurring monitoring",
    "END": "After the end of monitoring",
    "TRG": "Findings",
    "CNS": "Counselling",
    "REM": "REMS",
    "SAF": "Safety reporting",
    "POL": "Examples of site policy",
}
"""How ids of rules begin, in the order of the book."""
_OTHER = "Other rules"
_Rule = Requirement | Check | HoldRule | Prerequisite | Period
_T = TypeVar("_T", Entry, Carried, NotCarriedOut)


def rulebook(file: ProtocolFile, protocol: str, sha256: str, profile: str) -> Rulebook:
    """Each rule once, or once for each group of profiles that the protocol writes it for; by chapter, then id."""
    rules = list(_entries(file, profile))
    carried = list(_carried(file, profile))
    asides = [NotCarriedOut(one.id, one.title, one.why) for one in file.asides]
    chapters = (
        Chapter(key, title, _of(key, rules), _of(key, carried), _of(key, asides))
        for key, title in (*CHAPTERS.items(), ("", _OTHER))
    )
    return Rulebook(
        protocol=protocol,
        title=file.title,
        edition=file.edition,
        edition_sha256=sha256,
        profiles=file.profiles,
        profile=profile,
        chapters=tuple(one for one in chapters if one.rules or one.carried or one.asides),
    )


def chapter_of(rule: str) -> str:
    """The key of a rule's chapter; empty where its id begins like none."""
    key = rule.partition("-")[0]
    return key if key in CHAPTERS else ""


def _of(key: str, found: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(sorted((one for one in found if chapter_of(one.id) == key), key=lambda one: one.id))


def _entries(file: ProtocolFile, profile: str) -> Iterator[Entry]:
    measured = {code: part.name for one in file.requirements for part in one.components for code in part.loinc}
    glossary = Glossary(_texts(file), measured)
    shared = {one.id: one.components for one in file.requirements}

    def entry(rule: _Rule, kind: RuleKind, how: str, details: Iterator[Detail] | None = None) -> Entry:
        cadence = rule.cadence_basis if isinstance(rule, Requirement) else None
        said = tuple(details or ())
        on = profile in rule.profiles
        return Entry(
            rule.id, rule.title, kind, rule.severity, rule.basis, cadence, rule.citation, rule.profiles, on, how, said
        )

    for rule in file.requirements:
        parts = rule.components or shared[rule.same_as or ""]
        how = requirements.how(rule, file.courses, glossary)
        yield entry(rule, requirements.kind(rule), how, requirements.details(rule, parts, glossary))
    for check in file.checks:
        yield entry(check, checks.kind(check.look), checks.how(check.look, glossary), checks.details(check.look))
    for hold in file.holds:
        yield entry(hold, "hold", holds.how(hold, glossary), holds.details(hold, glossary))
    for needed in file.prerequisites:
        asked = prerequisites.how(needed, shared, glossary)
        yield entry(needed, "before", asked, prerequisites.details(needed, glossary))
    for period in file.periods:
        yield entry(period, periods.kind(period), periods.how(period))


def _carried(file: ProtocolFile, profile: str) -> Iterator[Carried]:
    carriers: tuple[Requirement | Prerequisite, ...] = (*file.requirements, *file.prerequisites)
    for rule in carriers:
        for one in rule.parts:
            on = profile in rule.profiles
            yield Carried(one.part_id, one.title, one.basis, one.citation, rule.profiles, on, rule.id)


def _texts(file: ProtocolFile) -> Iterator[str]:
    """Where a protocol says the names that its slugs abbreviate."""
    yield file.title
    rules: tuple[_Rule, ...] = (*file.requirements, *file.checks, *file.holds, *file.prerequisites, *file.periods)
    for rule in rules:
        yield rule.title
        yield rule.citation
    yield from (requirement.short for requirement in file.requirements)
    for hold in file.holds:
        yield from (cause.name for opening in hold.opens for cause in getattr(opening, "causes", ()))
