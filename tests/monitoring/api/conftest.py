"""A store on each kind of database, written to by the test as a projector would, read by the application."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.monitoring.settings import Settings
from services.monitoring.store.announcements import start_stream
from shared.database import Database, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Settings]]:
    """The database as its writer has it, and the settings of an application that only reads it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'monitoring.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    database = open_database(url, "monitoring")
    with database.write() as connection:
        start_stream(connection)
    yield database, Settings(url, clock="manual", embedded=False)
    database.close()
