"""The service's own copy of the facts: written once, read whole by treatment."""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Connection, select

from services.monitoring.facts import Unreadable, read_fact
from services.monitoring.rules.facts import Fact
from services.monitoring.store.tables import fact


def load_facts(connection: Connection, treatment: str, known_at: int | None = None) -> list[Fact]:
    """All facts of one treatment in version order; only those recorded up to `known_at` (microseconds) if given."""
    query = select(fact.c.item).where(fact.c.treatment == treatment).order_by(fact.c.version)
    if known_at is not None:
        query = query.where(fact.c.recorded_at <= known_at)
    return [_read(row.item) for row in connection.execute(query)]


def all_facts(connection: Connection, known_at: int | None = None) -> Iterator[tuple[str, list[Fact]]]:
    """Every treatment with its facts, by treatment id, in version order; streams (for the digest)."""
    query = select(fact.c.treatment, fact.c.item).order_by(fact.c.treatment, fact.c.version)
    if known_at is not None:
        query = query.where(fact.c.recorded_at <= known_at)
    rows = connection.execution_options(yield_per=1000).execute(query)
    for name, group in groupby(rows, key=lambda row: str(row.treatment)):
        yield name, [_read(row.item) for row in group]


def _read(item: bytes) -> Fact:
    """Only bytes that could be read are ever stored as a fact."""
    known = read_fact(item)
    if isinstance(known, Unreadable):
        raise TypeError(f"a stored fact can no longer be read: {known.reason}")
    return known
