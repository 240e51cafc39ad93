"""Fixtures that every test may ask for."""

from tests.real_parts.fixtures import (
    emptied_databases,
    kafka_bootstrap,
    kafka_server,
    new_database,
    postgres_server,
    postgres_url,
)

__all__ = ["emptied_databases", "kafka_bootstrap", "kafka_server", "new_database", "postgres_server", "postgres_url"]
