"""What a store really holds when a benchmark is over."""

from sqlalchemy import create_engine, text


def rows_of(database: str, table: str) -> int:
    """How many rows a table has."""
    return _number(database, f"select count(*) from {table}")


def kept_bytes(database: str) -> int:
    """How many bytes the course log keeps as they were received."""
    return _number(database, "select coalesce(sum(octet_length(received)), 0) from message")


def _number(database: str, query: str) -> int:
    engine = create_engine(database)
    with engine.connect() as connection:
        counted = connection.execute(text(query)).scalar_one()
    engine.dispose()
    return int(counted)
