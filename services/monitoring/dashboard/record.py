"""What was recorded, newest first: the old fact is struck through and names its correction, which names the old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.monitoring.dashboard.words import age, full_day, moment
from services.monitoring.rules.answers import TimelineEntry
from services.monitoring.rules.facts import Fact
from shared.contracts.v1.facts import FactData, LabResultCancelled, LabResultCorrected, LabResultRecorded, Result

ROWS = 12  # before "Show all"
_LONG_LAG = 7  # days from which the lag is marked


@dataclass(frozen=True, slots=True)
class Recorded:
    """`struck`: no longer believed; `note` names the version that took its place, or the one it replaces."""

    recorded: str
    occurred: str
    lag: str
    long_lag: bool
    summary: str
    struck: bool
    note: str
    version: int


def partly_corrected(facts: Sequence[Fact]) -> frozenset[str]:
    """Laboratory facts of which a correction or cancellation names only some results: the others still hold."""
    results = {one.fact_id: _codes(one.data.results) for one in facts if isinstance(one.data, LabResultRecorded)}
    found: set[str] = set()
    for fact in facts:
        whole = results.get(fact.corrects.fact_id or "") if fact.corrects else None
        named = _named(fact.data)
        if fact.corrects and fact.corrects.fact_id and whole and named and not whole <= named:
            found.add(fact.corrects.fact_id)
    return frozenset(found)


def _named(data: FactData) -> frozenset[str]:
    if isinstance(data, LabResultCorrected):
        return _codes(data.results)
    return frozenset(data.codes or ()) if isinstance(data, LabResultCancelled) else frozenset()


def _codes(results: Sequence[Result]) -> frozenset[str]:
    return frozenset(result.code for result in results)


def recorded(entries: Sequence[TimelineEntry], zone: str, partly: frozenset[str] = frozenset()) -> tuple[Recorded, ...]:
    """Every entry as a row; times are local to the clinic; `partly` are facts of which some results still hold."""
    versions = {entry.fact_id: entry.version for entry in entries}
    replaced: dict[str, list[int]] = {}
    for entry in entries:
        if entry.by is not None:
            replaced.setdefault(entry.by, []).append(entry.version)
    newest_first = sorted(entries, key=lambda entry: -entry.version)
    rows = (
        _row(entry, zone, versions, replaced.get(entry.fact_id, []), entry.fact_id in partly) for entry in newest_first
    )
    return tuple(rows)


def _row(entry: TimelineEntry, zone: str, versions: dict[str, int], corrects: list[int], partly: bool) -> Recorded:
    stored = datetime.fromisoformat(entry.recorded_at)
    lag, long_lag = _lag(entry, stored)
    return Recorded(
        recorded=moment(stored, zone),
        occurred=_occurred(entry, zone),
        lag=lag,
        long_lag=long_lag,
        summary=entry.summary,
        struck=entry.state == "voided" or (entry.state == "corrected" and not partly),
        note=_note(entry, versions, corrects, partly),
        version=entry.version,
    )


def _occurred(entry: TimelineEntry, zone: str) -> str:
    if entry.occurred_at is not None:
        return moment(datetime.fromisoformat(entry.occurred_at), zone)
    if entry.occurred_on is not None and len(entry.occurred_on) == 10 and entry.local_date:
        return full_day(entry.local_date)
    return entry.occurred_on or "not said"


def _lag(entry: TimelineEntry, stored: datetime) -> tuple[str, bool]:
    if entry.occurred_at is not None:
        seconds = int((stored - datetime.fromisoformat(entry.occurred_at)).total_seconds())
        return ("ahead" if seconds < 0 else age(seconds)), seconds >= _LONG_LAG * 86_400
    if entry.local_date is None:
        return "", False
    days = (stored.date() - entry.local_date).days
    return ("same day" if days < 1 else age(days * 86_400)), days >= _LONG_LAG


def _note(entry: TimelineEntry, versions: dict[str, int], corrects: list[int], partly: bool) -> str:
    if entry.state == "dangling":
        return "names a fact that is not here yet"
    said: list[str] = []
    if entry.by is not None and entry.state in {"corrected", "voided"}:
        by = versions.get(entry.by)
        word = f"in part {entry.state}" if partly and entry.state == "corrected" else entry.state
        said.append(f"{word} by v{by}" if by else word)
    if corrects:
        said.append("corrects " + ", ".join(f"v{version}" for version in sorted(corrects)))
    return "; ".join(said)
