"""Every recorded fact of a treatment and what is believed of it: current, corrected, voided, or waiting (dangling)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.monitoring.rules.answers import TimelineEntry
from services.monitoring.rules.believing import believed, day_of
from services.monitoring.rules.conflicts import conflicts
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.statements import Statements, read_statements
from services.monitoring.rules.summary import summary
from shared.contracts.v1.facts import LabResultCancelled


def timeline(facts: Iterable[Fact], edition: Edition | None = None) -> tuple[TimelineEntry, ...]:
    """By local date, then fact id. With an edition, laboratory results are named as its requirements and components.

    A conflict is told in the summary of what caused it. No sentence carries free text of a sender.
    """
    known = {fact.fact_id: fact for fact in facts}
    statements = read_statements(known.values())
    belief = believed(statements, list(known.values()))
    clinic = belief.who.clinic
    replaced = _replaced(statements)
    doubts = {one.fact_id: one.detail for one in conflicts(belief)}
    entries = [_entry(fact, statements, clinic, replaced, edition, doubts.get(fact.fact_id)) for fact in known.values()]
    return tuple(sorted(entries, key=lambda entry: (day_of(known[entry.fact_id], clinic), entry.fact_id)))


def _replaced(statements: Statements) -> dict[str, str]:
    """Fact id -> the next living statement about the same thing; a cancelled specimen is no thing to correct."""
    return {
        fact.fact_id: later.fact_id
        for thing in statements.things
        for fact, later in pairwise(thing.living)
        if not (isinstance(fact.data, LabResultCancelled) and fact.data.specimen_id)
    }


def _entry(
    fact: Fact,
    statements: Statements,
    clinic: ZoneInfo,
    replaced: dict[str, str],
    edition: Edition | None,
    doubt: str | None,
) -> TimelineEntry:
    by = statements.voided.get(fact.fact_id)
    return TimelineEntry(
        fact_id=fact.fact_id,
        version=fact.version,
        type=fact.type,
        local_date=day_of(fact, clinic),
        occurred_at=_written(fact.occurred_at),
        occurred_on=fact.occurred_on,
        recorded_at=_written(fact.recorded_at) or "",
        state="voided"
        if by is not None
        else "dangling"
        if fact.fact_id in statements.waiting
        else "corrected"
        if fact.fact_id in replaced
        else "current",
        by=by if by is not None else replaced.get(fact.fact_id),
        summary="; ".join(filter(None, (summary(fact.data, edition), doubt))),
    )


def _written(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
