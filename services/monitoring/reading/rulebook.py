"""The rulebook of the edition that is in force, from the files that came with this version or from its activation."""

from functools import lru_cache

from sqlalchemy import Connection

from services.monitoring.catalogue import read
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import UnknownProtocol
from services.monitoring.rulebook.book import rulebook
from services.monitoring.rulebook.entry import Rulebook
from services.monitoring.store.editions import recorded
from services.monitoring.written import merged


def read_rulebook(connection: Connection, library: Library, protocol: str) -> Rulebook:
    """Raises UnknownProtocol."""
    edition = library.editions.at(protocol, None)
    if edition is None:
        raise UnknownProtocol
    shipped = library.books.get(protocol)
    if shipped is not None and shipped.edition_sha256 == edition.sha256:
        return shipped
    for one in recorded(connection):
        if (one.protocol, one.sha256) == (protocol, edition.sha256):
            return _book(protocol, library.profile, tuple(one.files.items()))
    raise UnknownProtocol


@lru_cache(maxsize=16)
def _book(protocol: str, profile: str, files: tuple[tuple[str, str], ...]) -> Rulebook:
    written = merged(protocol, {name: text.encode() for name, text in files})
    return rulebook(read(written), protocol, written.sha256, profile)
