"""Fixtures that every test may ask for, and the order in which the tests run."""

import pytest

from tests.real_parts.fixtures import (
    emptied_databases,
    kafka_bootstrap,
    kafka_server,
    new_database,
    postgres_server,
    postgres_url,
)

__all__ = ["emptied_databases", "kafka_bootstrap", "kafka_server", "new_database", "postgres_server", "postgres_url"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker is left with them alone at the end."""
    items.sort(key=lambda item: "end_to_end" not in item.path.parts)
