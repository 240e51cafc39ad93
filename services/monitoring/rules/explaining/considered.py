"""Every piece of evidence looked at for one obligation, also what lies near its window: counted or not, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct

from services.monitoring.rules.answers import Evidence, Slot
from services.monitoring.rules.believing import believe, day_of
from services.monitoring.rules.calendar import add_months, day_after
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.edition import Edition, Grid, Once, Requirement, Rolling
from services.monitoring.rules.evidence import Finding, explained, findings
from services.monitoring.rules.explaining.words import counted, day
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.statements import Statements
from services.monitoring.rules.summary import summary
from shared.texts import write_instant

Place = Literal["inside", "before", "after"]
_ONCE_BEFORE = 1  # months before a finding in which a reader would look for a test
_NO_MORE = "inside the window that it had, but it is owed no more"


class Considered(Struct, frozen=True):
    """One fact judged against one obligation; `days` is how far outside of the window it lies.

    `version` and `summary` are those of the fact; `components` are the parts of the requirement that it speaks of.
    `counts_for` names the other obligation of the requirement that it counts for, if it does.
    """

    fact_id: str
    version: int
    specimen_id: str | None
    occurred_on: date
    recorded_at: str
    components: tuple[str, ...]
    verdict: Literal["accepted", "rejected"]
    place: Place
    days: int
    why: str
    counts_for: str | None
    summary: str


class _Piece(NamedTuple):
    """What one fact shows of one day, with its judgment."""

    said: Evidence
    place: Place
    days: int
    counts_for: Slot | None = None


class _Reach(NamedTuple):
    """Both ends of the window as evidence sees it (inclusive), and of what lies near it."""

    first: date
    last: date
    near_first: date
    near_last: date


class Looking(NamedTuple):
    """What is needed to look: the facts by id, how they were read, and the other obligations of the requirement."""

    edition: Edition
    facts: dict[str, Fact]
    statements: Statements
    siblings: Sequence[Slot]


def considered(
    chapter: Chapter, slot: Slot, anchor: date, since: date | None, on: date, looking: Looking
) -> tuple[Considered, ...]:
    """By day, then in the order of the log. `since` is the day that a yearly or triggered obligation follows from."""
    reach = _reach(chapter.requirement, slot, anchor, since)
    pieces = [
        *(_Piece(one, "inside", 0) for one in _inside(chapter, slot, reach, on)),
        *_grouped(_outside(chapter, slot, reach, anchor, on, looking.siblings)),
        *_grouped(_unread(chapter, reach, on, looking)),
    ]
    found = [_line(piece, chapter.components, looking) for piece in pieces]
    return tuple(sorted(found, key=lambda one: (one.occurred_on, one.version, one.verdict, one.why)))


def _reach(asked: Requirement, slot: Slot, anchor: date, since: date | None) -> _Reach:
    end = slot.closes_on or date.max
    match asked.timing:
        case Grid(every_months=months):
            near_last = end if end == date.max else add_months(end, months)
            return _Reach(max(slot.opens_on, day_after(anchor)), end, add_months(slot.opens_on, -months), near_last)
        case Rolling():
            first = day_after(max(anchor, since or anchor))
            return _Reach(first, slot.completed_on or end, since or first, slot.completed_on or end)
        case Once():
            return _Reach(slot.opens_on, end, add_months(slot.opens_on, -_ONCE_BEFORE), end)


def _inside(chapter: Chapter, slot: Slot, reach: _Reach, on: date) -> Sequence[Evidence]:
    """As the slot itself judged it; of what is owed no more, that nothing asks for it."""
    shown = [one for one in chapter.known(on) if reach.first <= one.day <= reach.last]
    if slot.standing == "withdrawn":
        owed_no_more = [one._replace(satisfies=False, verdict=_NO_MORE) if one.satisfies else one for one in shown]
        return explained(owed_no_more)
    match chapter.requirement.timing:
        case Rolling():
            return explained(shown)
        case Once():  # by the instant where both are known, whatever dates two zones make of them (R22)
            return slot.evidence
        case Grid():
            return [one for one in slot.evidence if one.occurred_on >= reach.first]


Told = tuple[Finding, Place, int, str, Slot | None]


def _outside(
    chapter: Chapter, slot: Slot, reach: _Reach, anchor: date, on: date, siblings: Sequence[Slot]
) -> Iterator[Told]:
    inside = {(one.fact_id, one.occurred_on) for one in slot.evidence if isinstance(chapter.requirement.timing, Once)}
    for one in chapter.known(on):
        if (one.fact_id, one.day) in inside:
            continue
        if reach.near_first <= one.day < reach.first:
            days = max((slot.opens_on - one.day).days, 0)
            early = _early(chapter.requirement, one, slot, anchor, days)
            yield one, "before", days, _why(one, early), _elsewhere(one, slot, siblings)
        elif reach.last < one.day <= reach.near_last:
            days = (one.day - reach.last).days
            late = f"{_verb(one)} {counted(days, 'day')} after the window closed"
            yield one, "after", days, _why(one, late), _elsewhere(one, slot, siblings)


def _early(asked: Requirement, one: Finding, slot: Slot, anchor: date, days: int) -> str:
    match asked.timing:
        case Rolling():
            return f"{_verb(one)} before: the due date is counted from it"
        case Once():
            return f"{_verb(one)} {counted(days, 'day')} before the finding that asks for it"
        case Grid() if one.day >= slot.opens_on:
            return f"{_verb(one)} on or before the first infusion of the episode, {day(anchor)}"
        case Grid():
            return f"{_verb(one)} {counted(days, 'day')} before the window"


def _elsewhere(one: Finding, slot: Slot, siblings: Iterable[Slot]) -> Slot | None:
    for other in siblings:
        if other.obligation_id != slot.obligation_id and any(
            said.counts and said.fact_id == one.fact_id and one.component in said.components for said in other.evidence
        ):
            return other
    return None


def _why(one: Finding, place: str) -> str:
    return place if one.satisfies else f"{one.verdict}; {place}"


def _verb(one: Finding) -> str:
    """A specimen is collected; what has none says itself what was done."""
    return "collected" if one.specimen_id is not None or not one.satisfies else one.verdict


def _unread(chapter: Chapter, reach: _Reach, on: date, looking: Looking) -> Iterator[Told]:
    """Facts that nobody reads any more, or not yet: voided ones, and corrections that wait for what they name."""
    clinic = chapter.background.who.clinic
    for fact in looking.facts.values():
        by = looking.statements.voided.get(fact.fact_id)
        if by is None and fact.fact_id not in looking.statements.waiting:
            continue
        when = day_of(fact, clinic)
        if not reach.near_first <= when <= min(reach.near_last, on):
            continue
        why = "waits for what it corrects" if by is None else f"voided by version {looking.facts[by].version}"
        place: Place = "before" if when < reach.first else "after" if when > reach.last else "inside"
        days = {"inside": 0, "before": (reach.first - when).days, "after": (when - reach.last).days}[place]
        for one in findings(chapter.requirement, believe((replace(fact, corrects=None, business_id=None),))):
            yield one._replace(day=when), place, days, why, None


def _grouped(told: Iterable[Told]) -> Iterator[_Piece]:
    """One piece for each fact, day and reason, with all components that share it."""
    found: dict[tuple[str, str | None, date, str, str | None], tuple[Told, dict[str, None]]] = {}
    for piece in told:
        one, _, _, why, other = piece
        key = (one.fact_id, one.specimen_id, one.day, why, other.obligation_id if other else None)
        _, components = found.setdefault(key, (piece, {}))
        if one.component:
            components[one.component] = None
    for (one, place, days, why, other), components in found.values():
        said = Evidence(one.fact_id, one.specimen_id, one.day, tuple(components), False, why)
        yield _Piece(said, place, days, other)


def _line(piece: _Piece, parts: tuple[str, ...], looking: Looking) -> Considered:
    said, elsewhere = piece.said, piece.counts_for
    fact = looking.facts[said.fact_id]
    return Considered(
        fact_id=fact.fact_id,
        version=fact.version,
        specimen_id=said.specimen_id,
        occurred_on=said.occurred_on,
        recorded_at=write_instant(fact.recorded_at),
        components=tuple(part for part in parts if part in said.components),
        verdict="accepted" if said.counts else "rejected",
        place=piece.place,
        days=piece.days,
        why=said.why + (f"; it counts for what was due on {day(elsewhere.due_on)}" if elsewhere else ""),
        counts_for=elsewhere.obligation_id if elsewhere else None,
        summary=summary(fact.data, looking.edition),
    )
