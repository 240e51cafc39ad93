"""Everything recorded of one treatment and what was believed of it (docs/contract.md §3.5)."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import judge
from services.monitoring.rules.answers import TimelineEntry
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.timeline import timeline
from shared.contracts.v1.facts import (
    DemographicsCorrected,
    FactVoided,
    InfusionVoided,
    LabResultCancelled,
    ReactionRetracted,
)

_ABOUT_FACTS = (DemographicsCorrected, FactVoided, InfusionVoided, LabResultCancelled, ReactionRetracted)


class Entry(Struct, frozen=True):
    """`state` is what was believed at `known_at`; `by` is the fact that corrected or voided this one."""

    fact_id: str
    version: int
    type: str
    occurred_at: str | None
    occurred_on: str | None
    recorded_at: str
    state: Literal["current", "corrected", "voided", "dangling"]
    by: str | None
    summary: str


class Timeline(Struct, frozen=True):
    """By local date, then fact id."""

    clocks: Clocks
    entries: tuple[Entry, ...]


def read_timeline(connection: Connection, library: Library, treatment: str, question: Question) -> Timeline:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    return Timeline(judged.clocks, tuple(map(_entry, entries_on(judged.facts, question.on, judged.edition))))


def entries_on(facts: Sequence[Fact], on: date | None, edition: Edition | None = None) -> list[TimelineEntry]:
    """What had happened by `on` (None = all that is recorded), by local date, then fact id."""
    by_id = {fact.fact_id: fact for fact in facts}
    found = [entry for entry in timeline(facts, edition) if on is None or _counts(entry, by_id[entry.fact_id], on)]
    found.sort(key=lambda entry: (entry.local_date or date.min, entry.fact_id))
    return found


def _counts(entry: TimelineEntry, fact: Fact, on: date) -> bool:
    """A fact of the world counts from its date; what speaks of another fact acts whatever `on` is (§3.1)."""
    speaks_of_another = isinstance(fact.data, _ABOUT_FACTS) or fact.corrects is not None
    return speaks_of_another or entry.local_date is None or entry.local_date <= on


def _entry(entry: TimelineEntry) -> Entry:
    return Entry(
        entry.fact_id,
        entry.version,
        entry.type,
        entry.occurred_at,
        entry.occurred_on,
        entry.recorded_at,
        entry.state,
        entry.by,
        entry.summary,
    )
