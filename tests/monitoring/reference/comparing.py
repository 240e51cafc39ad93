"""The model's answer beside the engine's, and a history shrunk to the fewest facts on which they differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.monitoring.rules import assess
from services.monitoring.rules.facts import Fact
from tests.monitoring.reference.model import answer
from tests.monitoring.reference.protocol import read
from tests.scenario import EDITION

PROTOCOL = read()
SLOT = ("opens", "due", "closes", "standing", "reason", "completed_on", "missing", "partial", "on_discovery")
LINE = (
    *("standing", "applicability", "due_on", "days_overdue", "on_discovery", "counts"),
    *("named", "missing", "partial"),
)
SHOWN = 8  # differences of one case that are printed
Flat = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Case:
    """One question about one history."""

    facts: list[Fact]
    on: date
    known_at: datetime | None


@dataclass(frozen=True)
class Difference:
    """What the two say of one obligation, line or treatment; None = it is not there."""

    what: str
    model: tuple[Any, ...] | None
    engine: tuple[Any, ...] | None


def of_model(case: Case) -> Flat:
    found = answer(PROTOCOL, case.facts, case.on, case.known_at)
    flat: Flat = {"treatment": (found.sex, found.zone, found.site)} if found.zone else {}
    for one in found.episodes:
        flat[f"episode {one.number}"] = (one.anchor, one.end)
        for course in one.courses:
            flat[f"course {course.number}"] = (course.infusions, course.first, course.last, course.mg)
    for name, slot in found.slots.items():
        flat[name] = tuple(getattr(slot, field) for field in SLOT)
    for name, line in found.lines.items():
        flat[f"line {name}"] = tuple(getattr(line, field) for field in LINE)
    return flat


def of_engine(case: Case) -> Flat:
    found = assess(EDITION, case.facts, case.on, case.known_at)
    flat: Flat = {"treatment": (found.sex, found.zone, found.site)} if found.version else {}
    for one in found.episodes:
        flat[f"episode {one.episode}"] = (one.anchor, one.ends_on)
        for course in one.courses:
            flat[f"course {course.course}"] = (course.infusions, course.first_on, course.last_on, course.total_mg)
    for slot in found.slots:
        flat[slot.obligation_id] = (
            *(slot.opens_on, slot.due_on, slot.closes_on, slot.standing, slot.reason, slot.completed_on),
            *(slot.missing, slot.partial, slot.overdue_on_discovery),
        )
    for row in found.roll_ups:
        counts = row.counts
        flat[f"line {row.requirement}"] = (
            *(row.standing, row.applicability, row.due_on, row.days_overdue, row.overdue_on_discovery),
            (counts.done, counts.done_late, counts.missed, counts.not_monitored_here, counts.declined),
            *(row.obligation_id, row.missing, row.partial),
        )
    return flat


def differences(case: Case, said: Flat | None = None) -> list[Difference]:
    """`said` is the model's answer where it is known already."""
    ours, theirs = of_model(case) if said is None else said, of_engine(case)
    return [
        Difference(what, ours.get(what), theirs.get(what))
        for what in sorted({*ours, *theirs})
        if ours.get(what) != theirs.get(what)
    ]


def shrunk(case: Case) -> Case:
    """The fewest facts, taken away one by one, that still make the two differ."""
    facts = list(case.facts)
    if case.known_at is not None:
        facts = [fact for fact in facts if fact.recorded_at <= case.known_at]
        if differences(replace(case, facts=facts, known_at=None)):
            case = replace(case, known_at=None)
    size = len(facts) // 2
    while size:
        place = 1  # the opening stays
        while place < len(facts):
            fewer = facts[:place] + facts[place + size :]
            if differences(replace(case, facts=fewer)):
                facts = fewer
            else:
                place += size
        size //= 2
    return replace(case, facts=facts)


def report(case: Case) -> str:
    """A case as a reader needs it: a line a fact, the question, both answers."""
    lines = [_line(fact) for fact in case.facts]
    lines.append(f"on {case.on}, known at {case.known_at or 'all'}")
    found = differences(case)
    for one in found[:SHOWN]:
        lines.append(f"  {one.what.replace(case.facts[0].treatment, 'T')}")
        for who, values in (("model", one.model), ("engine", one.engine)):
            said = "nothing" if values is None else ", ".join(_text(value) for value in values)
            lines.append(f"      {who:<6} {said}")
    return "\n".join([*lines, f"  and {len(found) - SHOWN} more"] if len(found) > SHOWN else lines)


def _text(value: object) -> str:
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, tuple) else str(value)


def _line(fact: Fact) -> str:
    data = ", ".join(f"{name}={getattr(fact.data, name)}" for name in fact.data.__struct_fields__)
    named: Sequence[str] = [
        f"zone {fact.zone}" if fact.zone else "",
        f"issued {fact.issued_at:%Y-%m-%dT%H:%MZ}" if fact.issued_at else "",
        f"as {fact.business_id.value} v{fact.business_id.version}" if fact.business_id else "",
        f"corrects {fact.corrects.fact_id or fact.corrects.business_id}" if fact.corrects else "",
    ]
    happened = fact.occurred_at.isoformat() if fact.occurred_at else fact.occurred_on
    more = "; ".join(text for text in named if text)
    known = f"{fact.recorded_at:%Y-%m-%dT%H:%M:%SZ}"
    return f"  {fact.version:>3} {fact.fact_id[:8]} {happened} known {known} {fact.type}({data}) {more}"
