"""The rulebook of the protocol that is shipped."""

from functools import cache

from services.monitoring.catalogue import read
from services.monitoring.rulebook.book import rulebook
from services.monitoring.rulebook.entry import Entry, Rulebook
from services.monitoring.written import read_written


@cache
def book(profile: str = "us") -> Rulebook:
    written = read_written("alemtuzumab-ms")
    return rulebook(read(written), "alemtuzumab-ms", written.sha256, profile)


def entries(rule: str, profile: str = "us") -> list[Entry]:
    """What is written under an id and is on in the profile, in the order of the book."""
    return [one for one in book(profile).rules if one.id == rule and one.on]
