"""Every result that was looked at for the windows in question, lettered, with its verdict and the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.lanes import slot_name
from services.monitoring.dashboard.words import count, listing, short_day
from services.monitoring.rules.answers import Evidence, Slot, TimelineEntry


@dataclass(frozen=True, slots=True)
class Looked:
    """`verdict` is a word, `tone` its class: none = counts, `some` = in part, `no` = does not count."""

    letter: str
    day: date
    collected: str
    what: str
    struck: bool
    version: int | None
    fix: str
    verdict: str
    tone: str
    why: str


def looked_at(
    slots: Sequence[Slot], entries: Mapping[str, TimelineEntry], parts: Sequence[str], on: date
) -> tuple[Looked, ...]:
    """One row for each fact and window, by date; what counts for its parts is told from what does not."""
    found: list[tuple[date, str, Slot, list[Evidence]]] = []
    for slot in slots:
        by_fact: dict[str, list[Evidence]] = {}
        for one in slot.evidence:
            by_fact.setdefault(one.fact_id, []).append(one)
        found += [(min(one.occurred_on for one in told), fact, slot, told) for fact, told in by_fact.items()]
    found.sort(key=lambda entry: entry[:2])
    return tuple(
        _looked(_letter(index), day, entries.get(fact), entries, slot, told, parts, on)
        for index, (day, fact, slot, told) in enumerate(found)
    )


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else str(index + 1)


def _looked(
    letter: str,
    day: date,
    entry: TimelineEntry | None,
    entries: Mapping[str, TimelineEntry],
    slot: Slot,
    told: Sequence[Evidence],
    parts: Sequence[str],
    on: date,
) -> Looked:
    counting = list(dict.fromkeys(part for one in told if one.counts for part in one.components))
    verdict, tone = _verdict(counting, parts, slot)
    return Looked(
        letter=letter,
        day=day,
        collected=short_day(day, on),
        what=entry.summary if entry else listing(counting or list(told[0].components)),
        struck=entry is not None and entry.state in {"corrected", "voided"} and not counting,
        version=entry.version if entry else None,
        fix=_fix(entry, entries, partly=bool(counting)),
        verdict=verdict,
        tone=tone,
        why="; ".join(dict.fromkeys(_reason(one, parts) for one in told)),
    )


def _fix(entry: TimelineEntry | None, entries: Mapping[str, TimelineEntry], *, partly: bool) -> str:
    if entry is None or entry.state not in {"corrected", "voided"}:
        return ""
    by = entries.get(entry.by or "")
    return f"{'in part ' if partly else ''}{entry.state}{f' by v{by.version}' if by else ''}"


def _verdict(counting: Sequence[str], parts: Sequence[str], slot: Slot) -> tuple[str, str]:
    if not counting:
        return "Does not count", "no"
    if parts and len(counting) < len(parts):
        return f"{len(counting)} of {count(len(parts), 'part')}", "some"
    name = slot_name(slot).removesuffix(": ").lower()
    return f"Counts for {name}" if name else "Counts", ""


def _reason(one: Evidence, parts: Sequence[str]) -> str:
    whole = len(parts) <= 1 or set(one.components) == set(parts) or not one.components
    return one.why if whole else f"{listing(one.components)}: {one.why}"
