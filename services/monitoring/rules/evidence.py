"""What the facts show for a requirement, and what they fill of a window; each with the reason why it counts or not."""

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.monitoring.rules.answers import Evidence
from services.monitoring.rules.belief import Belief, Event, Reading
from services.monitoring.rules.edition import Beside, Component, Requirement, components_by_code, reasons_by_code

SATISFYING = frozenset({"final", "corrected", "amended", "appended"})
NOT_YET = frozenset({"registered", "preliminary", "partial"})


class Finding(NamedTuple):
    """One component shown by one fact; `verdict` is its status when it satisfies, else the reason why it does not."""

    day: date
    version: int
    root: str
    fact_id: str
    specimen_id: str | None
    component: str  # empty: it speaks of the requirement, but of no component of it
    satisfies: bool
    verdict: str
    at: datetime | None  # None: only the date is known


class Fill(NamedTuple):
    """How far a window is filled: complete on the latest of the first days of its components (§2.3 trap 7)."""

    completed_on: date | None
    missing: tuple[str, ...]
    partial: bool


def findings(requirement: Requirement, belief: Belief) -> list[Finding]:
    """Everything known that speaks of the requirement, by day; a specimen after the death does not count (R16)."""
    return sorted(_unless_dead(_all_findings(requirement, belief), belief.death))


def findings_swapped(
    known: Sequence[Finding], requirement: Requirement, before: Belief, after: Belief, death: date | None
) -> tuple[list[Finding], date]:
    """The findings where one part of a belief has come in the place of another, and the first day that this concerns.

    Only where they are `independent` of each other.
    """
    gone = frozenset(_unless_dead(_all_findings(requirement, before), death))
    come = list(_unless_dead(_all_findings(requirement, after), death))
    found = [one for one in known if one not in gone] if gone else list(known)
    for one in come:
        insort(found, one)
    return found, min((one.day for one in (*gone, *come)), default=date.max)


def independent(requirement: Requirement, belief: Belief) -> bool:
    """Whether each finding follows from its own fact: no percentage waits for the count it is a share of."""
    readings = belief.readings
    return not any(part.beside and any(map(readings.get, part.beside.loinc)) for part in requirement.components)


def empty(components: tuple[str, ...]) -> Fill:
    return Fill(None, components, partial=False)


def fill(components: tuple[str, ...], shown: Iterable[Finding]) -> Fill:
    """What the findings of one window make of it."""
    first = first_shown(shown)
    missing = tuple(name for name in components if name not in first)
    completed = None if missing else max(one.day for one in first.values())
    return Fill(completed, missing, partial=bool(missing) and bool(first))


def first_shown(shown: Iterable[Finding]) -> dict[str, Finding]:
    """Per component the first finding that satisfies it; the findings come by day."""
    first: dict[str, Finding] = {}
    for one in shown:
        if one.satisfies:
            first.setdefault(one.component, one)
    return first


def explained(shown: Sequence[Finding]) -> tuple[Evidence, ...]:
    """The findings of one window as evidence, one line per fact and verdict."""
    first = first_shown(shown)

    def why(one: Finding) -> tuple[bool, str]:
        if not one.satisfies:
            return False, one.verdict
        if (before := first[one.component]) is not one:
            return False, f"extra: already there from {before.day}"
        return True, f"{one.verdict}, inside the window"

    return _lines((one, *why(one)) for one in shown)


def explained_outside(shown: Iterable[Finding], opens_on: date) -> tuple[Evidence, ...]:
    """Findings shortly before the first window: they fill nothing, and a reader asks why."""
    return _lines((one, False, _before(one, opens_on)) for one in shown)


def _before(one: Finding, opens_on: date) -> str:
    days = (opens_on - one.day).days
    return f"outside the window by {days} day{'' if days == 1 else 's'}" if one.satisfies else one.verdict


def _lines(judged: Iterable[tuple[Finding, bool, str]]) -> tuple[Evidence, ...]:
    """One line per fact and verdict, in the order of the findings."""
    lines: dict[tuple[str, str | None, date, bool, str], dict[str, None]] = {}
    for one, counts, why in judged:
        components = lines.setdefault((one.fact_id, one.specimen_id, one.day, counts, why), {})
        if one.component:
            components[one.component] = None
    return tuple(
        Evidence(fact_id, specimen_id, day, tuple(components), counts, why)
        for (fact_id, specimen_id, day, counts, why), components in lines.items()
    )


def _all_findings(requirement: Requirement, belief: Belief) -> Iterator[Finding]:
    for part in requirement.components:
        for event in belief.exams.get(part.exam, ()) if part.exam else ():
            yield _performed(event, part, "performed")
        for event in belief.forms.get(part.form, ()) if part.form else ():
            yield _performed(event, part, "submitted")
        for word in part.act:
            for event in belief.acts.get(word, ()):
                yield _performed(event, part, "recorded")
    shows, falls_short = components_by_code(requirement), reasons_by_code(requirement)
    for code, readings in belief.readings.items():
        if code in shows:
            part, beside = shows[code]
            for reading in readings:
                finding = _read(reading, part)
                yield (
                    _beside(finding, beside, requirement, belief.readings) if beside and finding.satisfies else finding
                )
        elif code in falls_short:
            why = falls_short[code]
            for one in readings:
                yield Finding(one.day, one.version, one.root, one.fact_id, one.specimen_id, "", False, why, one.at)


def _performed(event: Event, part: Component, verdict: str) -> Finding:
    return Finding(event.day, event.version, event.root, event.root, None, part.name, True, verdict, event.at)


def _read(one: Reading, part: Component) -> Finding:
    satisfies = one.status in SATISFYING and not one.cancelled
    if one.cancelled or one.status == "cancelled":
        verdict = "cancelled by the laboratory"
    elif one.status == "entered-in-error":
        verdict = "entered in error"
    elif one.status in NOT_YET:
        verdict = f"{one.status}, not final yet"
    else:
        verdict = one.status
    return Finding(one.day, one.version, one.root, one.fact_id, one.specimen_id, part.name, satisfies, verdict, one.at)


def _beside(
    finding: Finding, beside: Beside, requirement: Requirement, readings: Mapping[str, Sequence[Reading]]
) -> Finding:
    """A percentage shows a count only with the count it is a share of, from the same specimen."""
    needs = beside.needs
    whole = next(one for one in requirement.components if one.name == needs)
    days = [
        one.day
        for code in whole.loinc
        for one in readings.get(code, ())
        if one.specimen_id == finding.specimen_id and one.status in SATISFYING and not one.cancelled
    ]
    if days:
        later = max(finding.day, min(days))
        return finding._replace(day=later, at=finding.at if later == finding.day else None)
    return finding._replace(satisfies=False, verdict=f"a percentage counts only with {needs} of the same specimen")


def _unless_dead(found: Iterable[Finding], death: date | None) -> Iterable[Finding]:
    return found if death is None else (_too_late(one) if one.day > death else one for one in found)


def _too_late(one: Finding) -> Finding:
    return one._replace(satisfies=False, verdict="dated after the recorded death") if one.satisfies else one
