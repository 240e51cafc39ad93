"""A SQLite store for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.database import Database
from tests.monitoring.stores import opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with opened(f"sqlite:///{tmp_path}/monitoring.db") as database:
        yield database
