"""What was recorded, newest first: the old fact is struck through and names its correction, which names the old one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.monitoring.dashboard.words import age, full_day, moment
from services.monitoring.rules.answers import TimelineEntry

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


def recorded(entries: Sequence[TimelineEntry], zone: str) -> tuple[Recorded, ...]:
    """Every entry as a row; times are local to the clinic."""
    versions = {entry.fact_id: entry.version for entry in entries}
    replaced: dict[str, list[int]] = {}
    for entry in entries:
        if entry.by is not None:
            replaced.setdefault(entry.by, []).append(entry.version)
    newest_first = sorted(entries, key=lambda entry: -entry.version)
    return tuple(_row(entry, zone, versions, replaced.get(entry.fact_id, [])) for entry in newest_first)


def _row(entry: TimelineEntry, zone: str, versions: dict[str, int], corrects: list[int]) -> Recorded:
    stored = datetime.fromisoformat(entry.recorded_at)
    lag, long_lag = _lag(entry, stored)
    return Recorded(
        recorded=moment(stored, zone),
        occurred=_occurred(entry, zone),
        lag=lag,
        long_lag=long_lag,
        summary=entry.summary,
        struck=entry.state in {"corrected", "voided"},
        note=_note(entry, versions, corrects),
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


def _note(entry: TimelineEntry, versions: dict[str, int], corrects: list[int]) -> str:
    if entry.state == "dangling":
        return "names a fact that is not here yet"
    said: list[str] = []
    if entry.by is not None and entry.state in {"corrected", "voided"}:
        by = versions.get(entry.by)
        said.append(f"{entry.state} by v{by}" if by else entry.state)
    if corrects:
        said.append("corrects " + ", ".join(f"v{version}" for version in sorted(corrects)))
    return "; ".join(said)
