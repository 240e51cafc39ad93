"""A service on an empty store, and an edition that a pharmacist wrote."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitoring.editions.service import TSH, Service
from tests.monitoring.protocol_commands.copies import Copy
from tests.monitoring.stores import opened


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """TSH every two months instead of three, and no example that says otherwise."""
    copy = Copy(tmp_path)
    copy.change(TSH, TSH.replace("3", "2", 1).replace("45", "30"))
    text = copy.path / "monitoring.toml"
    text.write_text(text.read_text().split("[[example]]")[0])
    copy.change("@2024-01", "@2024-02", "protocol.toml")
    return copy.path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with opened(f"sqlite:///{tmp_path}/monitoring.db") as database:
        yield Service(database)
