"""How large a service's database is, and how much room its disk has left where this process can see it."""

import shutil
from pathlib import Path

from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, text

from shared.metrics import gauge


def store_size(connection: Connection) -> list[Metric]:
    """Bytes; the free ones only for a SQLite file, because PostgreSQL's disk is its own machine's."""
    if connection.dialect.name == "postgresql":
        size = connection.execute(text("select pg_database_size(current_database())")).scalar_one()
        return [_size(int(size))]
    pages = connection.execute(text("pragma page_count")).scalar_one()
    page = connection.execute(text("pragma page_size")).scalar_one()
    file = Path(str(connection.engine.url.database))
    left = shutil.disk_usage(file.parent).free
    free = gauge("coursewatch_disk_free_bytes", "Room left beside the database file", left)
    return [_size(int(pages) * int(page)), free]


def _size(size: int) -> Metric:
    return gauge("coursewatch_store_bytes", "Size of this service's database", size)
