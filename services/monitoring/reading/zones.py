"""Which zone a page over all treatments speaks in."""

from sqlalchemy import Connection, func, select

from services.monitoring.store.tables import treatment


def usual_zone(connection: Connection) -> str:
    """The zone of most treatments, the first by name where several lead; UTC without any."""
    zone = treatment.c.zone
    query = select(zone).group_by(zone).order_by(func.count().desc(), zone).limit(1)
    return connection.execute(query).scalar_one_or_none() or "UTC"
