"""The log's items in a file of their own, to be taken up treatment by treatment."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path


class Pile:
    """Nothing of it survives a crash, nor has to. What is told twice comes twice."""

    def __init__(self, file: Path) -> None:
        self._file = sqlite3.connect(file, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE item (treatment, version, position, value)")

    def put(self, items: Iterable[tuple[str, int, int, bytes]]) -> None:
        """(treatment, version, position, the item's bytes), in any order."""
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", items)
        self._file.execute("COMMIT")

    def by_treatment(self) -> Iterator[list[bytes]]:
        """The items of each treatment, by version and then as the log has them."""
        self._file.execute("CREATE INDEX by_treatment ON item (treatment, version, position)")
        rows = self._file.execute("SELECT treatment, value FROM item ORDER BY treatment, version, position")
        for _, group in groupby(rows, key=itemgetter(0)):
            yield [value for _, value in group]

    def close(self) -> None:
        self._file.close()
