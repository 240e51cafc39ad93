"""A store on each kind of database, written to by the test as a projector would, read by the application."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.monitoring.settings import Settings
from services.monitoring.store.announcements import start_stream
from shared.database import Database, open_database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.people import people


def _opened(url: str) -> Iterator[tuple[Database, Settings]]:
    database = open_database(url, "monitoring")
    with database.write() as connection:
        start_stream(connection)
    yield database, Settings(url, clock="manual", embedded=False)
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Settings]]:
    """An empty database as its writer has it, and the settings of an application that only reads it."""
    sqlite = request.param == "sqlite"
    yield from _opened(f"sqlite:///{tmp_path}/monitoring.sqlite" if sqlite else request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def cohort(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Settings]]:
    """The same, with the facts of `people()`; for tests that add nothing."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('cohort')}/monitoring.sqlite"
    else:
        url = request.getfixturevalue("new_database")()
    for opened in _opened(url):
        Log(opened[0]).deliver(*people())
        yield opened
