"""What lies in the monitoring database aside of the projection, and how late each fact came into it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text

from tests.chaos.kafka.injector import Sent
from tests.chaos.kafka.stage import Stage

UNKNOWN_TYPE = "`type` is none"
Place = tuple[int, int]
"""Partition and offset."""


@dataclass(frozen=True, slots=True)
class Letter:
    value: bytes
    reason: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Lag:
    """Recorded to projected, in seconds."""

    median: float
    p99: float


def stamp_times(river: Stage) -> None:
    """PostgreSQL notes when each fact was projected."""
    engine = create_engine(river.monitoring_db)
    with engine.begin() as connection:
        column = "projected_at timestamptz not null default clock_timestamp()"
        connection.execute(text(f"alter table fact add column {column}"))
    engine.dispose()


def lags(river: Stage, since: float, until: float, without: Collection[str]) -> tuple[Lag, Lag]:
    """Of the facts recorded between two instants, and of those after them; some treatments are left out."""
    query = "select treatment, recorded_at / 1e6, extract(epoch from projected_at) from fact"
    calm: list[float] = []
    later: list[float] = []
    for treatment, recorded, projected in _rows(river, query):
        at = float(recorded)
        if treatment not in without and at >= since:
            (calm if at < until else later).append(float(projected) - at)
    return _lag(calm), _lag(later)


def letters(river: Stage) -> dict[Place, Letter]:
    query = "select partition, position, value, reason, resolved_at from dead_letter"
    return {
        (partition, position - 1): Letter(bytes(value), reason, resolved is not None)
        for partition, position, value, reason, resolved in _rows(river, query)
    }


def accounted_for(river: Stage) -> int:
    """Facts that are projected, or parked, or set aside as of an unknown type."""
    # What somebody else made up lies at a version that is there, or is of a treatment that nobody opened.
    parked = "select count(*) from parked join treatment t using (treatment) where parked.version > t.version"
    unknown = f"select count(*) from dead_letter where resolved_at is null and reason like '{UNKNOWN_TYPE}%'"
    return river.projected + river.monitoring(parked) + river.monitoring(unknown)


def wrongly_kept(sent: Collection[Sent], found: dict[Place, Letter]) -> list[str]:
    """Poison without a letter, or whose letter has other bytes or no reason."""
    broken = set()
    for one in sent:
        letter = found.get((one.partition, one.offset))
        if one.poison.ends == "parked":
            continue
        if letter is None:
            broken.add(f"No dead letter was kept of {one.poison.kind}.")
        elif letter.value != (one.poison.value or b"") or not letter.reason:
            broken.add(f"The dead letter of {one.poison.kind} has other bytes or no reason.")
    return sorted(broken)


def torn(sent: Collection[Sent], found: dict[Place, Letter]) -> int:
    """Letters of true facts that were damaged on their way."""
    foreign = {(one.partition, one.offset) for one in sent}
    return sum(place not in foreign and UNKNOWN_TYPE not in one.reason for place, one in found.items())


def wrongly_left(river: Stage, sent: Collection[Sent], found: dict[Place, Letter]) -> list[str]:
    """Letters that still wait after a redrive although their treatment lacks nothing."""
    foreign = {(one.partition, one.offset): one.poison.key or b"" for one in sent}
    known = {treatment.encode() for (treatment,) in _rows(river, "select treatment from treatment")}
    waiting = [place for place, one in found.items() if not one.settled]
    wrong = [place for place in waiting if place not in foreign or foreign[place] in known]
    why = "; ".join(sorted({found[place].reason for place in wrong}))
    return [f"{len(wrong)} dead letters wait after a redrive, though nothing lacks: {why}."] if wrong else []


def _lag(found: list[float]) -> Lag:
    found.sort()
    middle, late = len(found) // 2, int(len(found) * 0.99)
    return Lag(round(found[middle], 3), round(found[late], 3)) if found else Lag(0.0, 0.0)


def _rows(river: Stage, query: str) -> list[Any]:
    engine = create_engine(river.monitoring_db)
    with engine.connect() as connection:
        rows = list(connection.execute(text(query)))
    engine.dispose()
    return rows
