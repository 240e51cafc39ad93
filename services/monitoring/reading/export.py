"""The cohort as CSV: the columns are the fields of a row, the counts each in its own (docs/contract.md §3.2)."""

import csv
from collections.abc import Iterable
from datetime import date
from typing import TextIO

from services.monitoring.rules.answers import Counts, RollUp

_PLAIN = tuple(name for name in RollUp.__struct_fields__ if name != "counts")
_COUNTS = Counts.__struct_fields__
COLUMNS = (*_PLAIN, *(f"counts.{name}" for name in _COUNTS))


def write_csv(rows: Iterable[RollUp], file: TextIO) -> None:
    """RFC 4180 with a header line; lists are joined with "; ", an empty cell is null."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        plain = (_cell(getattr(row, name)) for name in _PLAIN)
        writer.writerow([*plain, *(getattr(row.counts, name) for name in _COUNTS)])


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case tuple():
            return "; ".join(value)
        case _:
            return value
