"""What of the infusions broke a rule: one line per rule and kind, newest first, with the days it happened on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.words import count, full_day, in_days, listing
from services.monitoring.rules.deviations.found import Deviation

_NAMED = 2  # days that are named; of more the first and the last


@dataclass(frozen=True, slots=True)
class Broken:
    """`note` says what takes some of its weight: it may still be mended, or somebody decided to go on."""

    title: str
    when: str
    sentences: tuple[str, ...]
    note: str
    rule: str
    whose: str
    grave: bool


def broken(deviations: Iterable[Deviation]) -> tuple[Broken, ...]:
    """What would have stopped a planned infusion stands before the rest."""
    grouped: dict[tuple[str, str], list[Deviation]] = {}
    for one in deviations:
        grouped.setdefault((one.rule or "", one.deviation), []).append(one)
    found = sorted(grouped.values(), key=lambda group: group[-1].on, reverse=True)
    return tuple(sorted(map(_row, found), key=lambda row: not row.grave))


def _row(found: Sequence[Deviation]) -> Broken:
    first = found[0]
    return Broken(
        title=first.title,
        when=_when(found),
        sentences=tuple(dict.fromkeys(in_days(one.sentence) for one in found)),
        note=_note(found),
        rule=first.rule or "",
        whose=whose(first.basis) if first.basis else "placed by a clinician",
        grave=any(one.severity == "BLOCK" for one in found),
    )


def _when(found: Sequence[Deviation]) -> str:
    days = sorted({one.on for one in found})
    if len(days) <= _NAMED:
        return listing([full_day(day) for day in days])
    return f"{count(len(days), 'day')}, {full_day(days[0])} to {full_day(days[-1])}"


def _note(found: Sequence[Deviation]) -> str:
    said = []
    if any(one.provisional for one in found):
        said.append("what is still to come may mend it")
    if all(one.overridden_by for one in found):
        said.append("somebody decided to go on")
    return "; ".join(said)
