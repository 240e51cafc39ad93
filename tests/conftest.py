"""Fixtures that every test may ask for."""

from tests.real_parts.fixtures import (
    kafka_bootstrap,
    kafka_server,
    new_database,
    postgres_server,
    postgres_url,
)

__all__ = ["kafka_bootstrap", "kafka_server", "new_database", "postgres_server", "postgres_url"]
