"""What holds the next infusion, in a nurse's words: one line per rule, what stops it before what only warns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.words import full_day, in_days
from services.monitoring.rules.holds.find import in_force
from services.monitoring.rules.holds.hold import Hold

_STOPPING = {"BLOCK", "HOLD"}


@dataclass(frozen=True, slots=True)
class Held:
    """`word` is what it does and `tone` its class; `rule` is empty for a hold that somebody placed."""

    title: str
    word: str
    tone: str
    since: str
    sentences: tuple[str, ...]
    rule: str
    whose: str


def held(holds: Iterable[Hold]) -> tuple[Held, ...]:
    """Those in force; several of one rule that do the same are one line, since the first of them."""
    grouped: dict[tuple[str, str], list[Hold]] = {}
    for one in holds:
        if in_force(one) and one.severity != "INFO":
            grouped.setdefault((one.rule or one.hold, _word(one)), []).append(one)
    rows = [(_rank(found[0]), min(one.opened_on for one in found), _row(found)) for found in grouped.values()]
    return tuple(row for _, _, row in sorted(rows, key=lambda entry: entry[:2]))


def stops(one: Hold) -> bool:
    """Whether it is, or was, one that infusions wait for."""
    return one.severity in _STOPPING and one.standing != "withdrawn"


def _row(found: list[Hold]) -> Held:
    first = found[0]
    opened: date = min(one.opened_on for one in found)
    return Held(
        title=first.title,
        word=_word(first),
        tone="missed" if first.stops else "doubtful" if first.severity == "WARN" else "",
        since=full_day(opened),
        sentences=tuple(in_days(one.sentence) for one in found),
        rule=first.rule or "",
        whose=whose(first.basis) if first.basis else "placed by a clinician",
    )


def _word(one: Hold) -> str:
    if one.standing == "discontinue" and one.stops:
        return "Treatment given up"
    if one.stops:
        return "No infusion"
    return "Overridden" if one.overridden_by else "Warning"


def _rank(one: Hold) -> int:
    return 0 if one.stops else 1 if one.overridden_by is None else 2
