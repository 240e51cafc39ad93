"""The client's journal against what the river holds; every promise that is broken is a sentence.

Acknowledged: there exactly once, with the same content, where the client was told. Attempted: there at most once.
Never attempted: not there. What was acknowledged before another was sent comes before it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from tests.chaos.oracle_journal import EXAMPLES, Ack, Told
from tests.chaos.oracle_places import OPENED, Seen


@dataclass(slots=True)
class _Found:
    """What one place holds, and which promises it breaks: kind of breach -> examples."""

    place: str
    messages: dict[str, Seen] = field(default_factory=dict)
    openings: dict[str, Seen] = field(default_factory=dict)
    broken: dict[str, list[str]] = field(default_factory=dict)

    def breach(self, kind: str, example: str) -> None:
        self.broken.setdefault(kind, []).append(example)

    def sentences(self) -> list[str]:
        return [
            f"{self.place}: {len(examples)} {kind}, such as {', '.join(examples[:EXAMPLES])}."
            for kind, examples in self.broken.items()
        ]


def compare(told: Told, place: str, facts: Iterable[Seen], *, doubles: bool = False) -> list[str]:
    """What is broken in one place. `doubles`: a fact may be there again (Kafka), but with the same id."""
    found = _Found(place)
    versions: Counter[str] = Counter()
    ids: set[str] = set()
    for one in facts:
        if doubles and one.fact_id in ids:
            continue
        ids.add(one.fact_id)
        versions[one.treatment] += 1
        if one.version != versions[one.treatment]:
            found.breach("facts out of their treatment's order or after a gap", one.fact_id)
            versions[one.treatment] = one.version
        _file(found, told, one)
    _kept(found, told)
    _in_order(found, told)
    return found.sentences()


def positions(place: str, facts: Iterable[Seen]) -> list[str]:
    """The log and the feed number their facts 1..n."""
    for expected, one in enumerate(facts, 1):
        if one.position != expected:
            return [f"{place}: position {one.position} stands where {expected} should."]
    return []


def _file(found: _Found, told: Told, one: Seen) -> None:
    if one.type == OPENED:
        found.openings[one.treatment] = one
        return
    attempt = told.attempted.get(one.message or "")
    if one.message is None or attempt is None:
        found.breach("facts that were never attempted", one.fact_id)
        return
    if one.message in found.messages:
        found.breach("messages stored more than once", one.message)
        return
    found.messages[one.message] = one
    if (one.treatment, one.sha256) != (attempt.treatment, attempt.sha256):
        found.breach("facts whose content is not what was sent", one.message)


def _kept(found: _Found, told: Told) -> None:
    for message, ack in told.acknowledged.items():
        _kept_as(found, message, ack, found.messages.get(message))
    for name, ack in told.opened.items():
        _kept_as(found, name, ack, found.openings.get(ack.treatment))
    unknown = len(found.openings) - len(told.openings)
    if unknown > 0:
        found.breach("treatments opened more often than was asked", str(unknown))


def _kept_as(found: _Found, name: str, ack: Ack, one: Seen | None) -> None:
    if one is None:
        found.breach("acknowledged facts that are not there", name)
    elif Ack(one.fact_id, one.treatment, one.version, one.position) != ack:
        found.breach("acknowledged facts that stand elsewhere than was told", name)


def _in_order(found: _Found, told: Told) -> None:
    for message, one in found.messages.items():
        attempt = told.attempted[message]
        if one.version <= attempt.after_version or one.position <= attempt.after_position:
            found.breach("facts before others that were acknowledged earlier", message)
    for request in told.in_one_request:
        stored = [found.messages[message] for message in request if message in found.messages]
        for earlier, later in pairwise(stored):
            if earlier.treatment == later.treatment and earlier.position > later.position:
                found.breach("facts of one request in another order", later.fact_id)
