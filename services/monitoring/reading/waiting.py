"""Whose answers may be old: treatments of which a fact is missing or contradicted, so that later ones wait."""

from sqlalchemy import Connection, select

from services.monitoring.store.tables import parked


def waiting(connection: Connection) -> frozenset[str]:
    """The treatments that are parked at this moment."""
    return frozenset(connection.execute(select(parked.c.treatment)).scalars())
