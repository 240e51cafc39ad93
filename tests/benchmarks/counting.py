"""What a store really holds when a benchmark is over."""

from sqlalchemy import create_engine, text


def rows_of(database: str, table: str) -> int:
    """How many rows a table has."""
    engine = create_engine(database)
    with engine.connect() as connection:
        counted = connection.execute(text(f"select count(*) from {table}")).scalar_one()
    engine.dispose()
    return int(counted)
