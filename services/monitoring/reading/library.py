"""What every reading needs beside the store: the editions in force, the profile and the clock."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from services.monitoring.catalogue import edition_of, read
from services.monitoring.rulebook.book import rulebook
from services.monitoring.rulebook.entry import Rulebook
from services.monitoring.rules.edition import Edition
from services.monitoring.written import protocol_names, read_written
from shared.clock import Clock


@dataclass(frozen=True)
class Library:
    """`editions` and `books` by protocol name."""

    editions: Mapping[str, Edition]
    profile: str
    clock: Clock
    books: Mapping[str, Rulebook] = field(default_factory=dict)

    @cached_property
    def edition(self) -> str:
        """The editions that a list over all treatments is judged by, in the order of their protocols' names."""
        return ", ".join(edition.name for edition in self._in_order)

    @cached_property
    def edition_sha256(self) -> str:
        """That of the one edition, or one over all their hashes in order."""
        if len(self._in_order) == 1:
            return self._in_order[0].sha256
        return hashlib.sha256("".join(edition.sha256 for edition in self._in_order).encode()).hexdigest()

    @cached_property
    def requirements(self) -> tuple[str, ...]:
        """The ids of every requirement that some edition knows."""
        return tuple(name for edition in self._in_order for name in edition.requirements)

    @cached_property
    def _in_order(self) -> list[Edition]:
        return [self.editions[protocol] for protocol in sorted(self.editions)]


def open_library(profile: str, clock: Clock) -> Library:
    """The editions of every protocol file for one profile; raises CatalogueError."""
    editions: dict[str, Edition] = {}
    books: dict[str, Rulebook] = {}
    for protocol in protocol_names():
        written = read_written(protocol)
        file = read(written)
        editions[protocol] = edition_of(written, file, protocol, profile)
        books[protocol] = rulebook(file, protocol, written.sha256, profile)
    return Library(editions, profile, clock, books)
