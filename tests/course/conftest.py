"""Both stores, one after the other, and a ledger on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.course.application import Ledger
from shared.database import Database, open_database
from tests.course.ledgers import StillClock


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'course.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    database = open_database(store_url, "course", connections=8)
    yield database
    database.close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def ledger(store_url: str, clock: StillClock) -> Iterator[Ledger]:
    ledger = Ledger.open(store_url, clock)
    yield ledger
    ledger.close()
