"""Every edition that judges or judged, with its text: what an auditor needs to judge again (docs/contract.md §3.17)."""

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.editions import BEGINNING
from services.monitoring.reading.answering import clocks
from services.monitoring.reading.clocks import Clocks, Question, instant_text
from services.monitoring.reading.library import Library
from services.monitoring.store.editions import recorded


class EditionRecord(Struct, frozen=True):
    """In force for what is known from `activated_at` on; None = from the beginning.

    `files` are the texts by file name, `sha256` the hash over them. Of a protocol of which nothing was activated it is
    the edition that was shipped, without texts.
    """

    protocol: str
    name: str
    sha256: str
    activated_at: str | None
    reason: str | None
    author: str | None
    files: dict[str, str]


class EditionList(Struct, frozen=True):
    """By protocol, in the order of the activations."""

    clocks: Clocks
    editions: tuple[EditionRecord, ...]


def read_editions(connection: Connection, library: Library) -> EditionList:
    rows = [
        EditionRecord(
            protocol=one.protocol,
            name=one.name,
            sha256=one.sha256,
            activated_at=None if one.activated_at == BEGINNING else instant_text(one.activated_at),
            reason=one.reason,
            author=one.author,
            files=one.files,
        )
        for one in recorded(connection)
    ]
    activated = {row.protocol for row in rows}
    rows += [
        EditionRecord(name, one.name, one.sha256, None, None, None, {})
        for name, one in library.editions.shipped.items()
        if name not in activated
    ]
    rows.sort(key=lambda row: (row.protocol, row.activated_at or ""))
    return EditionList(clocks(connection, library, Question(), frozenset()), tuple(rows))
