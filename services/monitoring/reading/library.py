"""What every reading needs beside the store: the editions in force, the profile and the clock."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.monitoring.catalogue import edition_of, read
from services.monitoring.editions import Editions
from services.monitoring.rulebook.book import rulebook
from services.monitoring.rulebook.entry import Rulebook
from services.monitoring.rules.edition import Edition
from services.monitoring.written import protocol_names, read_written
from shared.clock import Clock


@dataclass(frozen=True)
class Library:
    """`editions` and `books` by protocol name. Instants are microseconds; None = now."""

    editions: Editions
    profile: str
    clock: Clock
    books: Mapping[str, Rulebook] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "editions", Editions.of(self.editions))

    def named(self, instant: int | None) -> tuple[str, str]:
        """Name and hash of what a list over all treatments was judged by: of several editions, all names in order of
        their protocols and one hash over all of theirs."""
        found = self.editions.in_force(instant)
        if len(found) == 1:
            return found[0].name, found[0].sha256
        whole = hashlib.sha256("".join(edition.sha256 for edition in found).encode()).hexdigest()
        return ", ".join(edition.name for edition in found), whole

    @property
    def requirements(self) -> tuple[str, ...]:
        """The ids of every requirement that some edition knows, or knew."""
        return tuple(dict.fromkeys(name for edition in self.editions.every() for name in edition.requirements))


def open_library(profile: str, clock: Clock) -> Library:
    """The editions of every protocol file for one profile; raises CatalogueError."""
    editions: dict[str, Edition] = {}
    books: dict[str, Rulebook] = {}
    for protocol in protocol_names():
        written = read_written(protocol)
        file = read(written)
        editions[protocol] = edition_of(written, file, protocol, profile)
        books[protocol] = rulebook(file, protocol, written.sha256, profile)
    return Library(Editions(editions, profile), profile, clock, books)
