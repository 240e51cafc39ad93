"""What every reading needs beside the store: the editions in force, the profile and the clock."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from services.monitoring.catalogue import load
from services.monitoring.rules.edition import Edition
from services.monitoring.written import protocol_names
from shared.clock import Clock


@dataclass(frozen=True)
class Library:
    """`editions` by protocol name."""

    editions: Mapping[str, Edition]
    profile: str
    clock: Clock

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
    return Library({protocol: load(protocol, profile) for protocol in protocol_names()}, profile, clock)
