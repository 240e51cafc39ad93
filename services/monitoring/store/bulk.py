"""Many rows at once, as each store takes them quickest."""

from collections.abc import Iterable, Iterator
from typing import Any

from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Table, insert

Row = tuple[Any, ...]


def copy_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Inserts rows whose values come in the order of the table's columns; answers how many."""
    counted = _Counted(rows)
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        driver.executemany(str(insert(table).compile(dialect=connection.dialect)), counted)
        return counted.number
    names = SQL(", ").join(Identifier(column.name) for column in table.c)
    with (
        driver.cursor() as cursor,
        cursor.copy(SQL("COPY {} ({}) FROM STDIN").format(Identifier(table.name), names)) as copy,
    ):
        for row in counted:
            copy.write_row(row)
    return counted.number


class _Counted:
    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.number += 1
            yield row
