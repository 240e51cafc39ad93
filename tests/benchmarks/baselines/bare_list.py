"""The rows of a list in a table of their own, sorted by an index: what any answer with as many rows has to read."""

from datetime import date, datetime
from typing import Any

import psycopg
from sqlalchemy import make_url

from services.monitoring.facts import micros
from services.monitoring.store.tables import FOREVER

Row = tuple[Any, ...]
# Written for itself, so that it also says what the product must answer.
_OVERDUE = """
create table {name} as
select treatment, requirement, site, 'overdue' as standing, due_on, closes_on, opens_on, tail from roll_up_span
where known_from <= %(known)s and %(known)s < known_to and on_from <= %(on)s and %(on)s < on_to
  and state = 'open' and due_on < %(on)s and (closes_on is null or closes_on >= %(on)s)
"""
_ALL = """
create table {name} as
select treatment, requirement, site, state || (due_on < %(on)s)::text as standing, due_on from roll_up_span
where known_to = %(known)s + 1 and on_from <= %(on)s and %(on)s < on_to and state <> 'not_applicable'
"""
PAGE = 50


class BareList:
    """`overdue` and `everything` make a table of the rows that answer; `page` and `totals` read one."""

    def __init__(self, database: str) -> None:
        address = make_url(database).set(drivername="postgresql").render_as_string(False)
        self._connection = psycopg.connect(address, autocommit=True)

    def overdue(self, name: str, on: date, known_at: datetime | None) -> None:
        known = FOREVER - 1 if known_at is None else micros(known_at)
        self._make(_OVERDUE, name, on, known, "due_on, treatment, requirement")

    def everything(self, name: str, on: date) -> None:
        self._make(_ALL, name, on, FOREVER - 1, "requirement, site, standing")

    def page(self, name: str, until: date) -> tuple[list[Row], int]:
        """The first rows, and how many there are."""
        until_day = (until.toordinal(),)
        order = "order by due_on, treatment, requirement"
        rows = self._all(f"select * from {name} where due_on < %s {order} limit {PAGE}", until_day)
        counted = self._all(f"select count(*) from {name} where due_on < %s", until_day)
        return rows, int(counted[0][0])

    def totals(self, name: str) -> list[Row]:
        groups = "requirement, site, standing"
        return self._all(f"select {groups}, count(*) from {name} group by {groups}", ())

    def close(self) -> None:
        self._connection.close()

    def _make(self, statement: str, name: str, on: date, known: int, key: str) -> None:
        values = {"on": on.toordinal(), "known": known}
        with psycopg.ClientCursor(self._connection) as cursor:
            cursor.execute(statement.format(name=name), values)
            cursor.execute(f"create index on {name} ({key})")
            cursor.execute(f"vacuum analyze {name}")

    def _all(self, statement: str, values: tuple[Any, ...]) -> list[Row]:
        return self._connection.execute(statement, values).fetchall()
