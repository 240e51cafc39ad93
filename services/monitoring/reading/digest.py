"""One SHA-256 over every slot of every treatment: equal answers have equal digests (docs/contract.md §3.7)."""

import hashlib
from collections.abc import Iterator

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from services.monitoring.reading.anonymous import anonymous
from services.monitoring.reading.answering import clocks
from services.monitoring.reading.clocks import Clocks, Question, microseconds
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import assess_on, opened
from services.monitoring.rules.answers import Slot
from services.monitoring.rules.facts import Fact
from services.monitoring.store.facts import all_facts
from services.monitoring.store.tables import treatment


class Digest(Struct, frozen=True):
    """`treatments` are those known at `known_at`; a treatment without an episode has no slots."""

    clocks: Clocks
    treatments: int
    slots: int
    sha256: str


def read_digest(connection: Connection, library: Library, question: Question, *, anonymised: bool) -> Digest:
    """Judges every treatment anew: minutes for a large cohort, and no more memory than one treatment needs."""
    total = hashlib.sha256()
    treatments = slots = 0
    anonymous_lines: list[bytes] = []
    for facts in _known(connection, question):
        treatments += 1
        found = assess_on(library, facts, question.on, question.known_by(opened(facts).zone))
        named = found.slots if found else ()
        slots += len(named)
        if anonymised:
            named = anonymous(named, f"t{treatments}")
        lines = [_line(slot) for slot in sorted(named, key=lambda slot: slot.obligation_id)]
        if anonymised:
            anonymous_lines += lines
        else:
            # Ids begin with the treatment's, which come in order: so do the lines of all of them.
            for line in lines:
                total.update(line)
    for line in sorted(anonymous_lines):
        total.update(line)
    instants = _instants(connection, question)
    return Digest(clocks(connection, library, question, instants), treatments, slots, total.hexdigest())


def _known(connection: Connection, question: Question) -> Iterator[list[Fact]]:
    """The facts that count, treatment by treatment in the order of their ids."""
    latest = max(_instants(connection, question), default=None)
    for _, facts in all_facts(connection, latest):
        by = question.known_by(opened(facts).zone)
        known = facts if by is None else [fact for fact in facts if microseconds(fact.recorded_at) <= by]
        if known:
            yield known


def _instants(connection: Connection, question: Question) -> frozenset[int]:
    if question.known_at is None:
        return frozenset()
    zones = connection.execute(select(treatment.c.opened_zone).distinct()).scalars().all() or ["UTC"]
    return frozenset(by for zone in zones if (by := question.known_by(zone)) is not None)


def _line(slot: Slot) -> bytes:
    """Canonical JSON of `[obligation_id, opens_on, due_on, closes_on, standing, completed_on, missing, reason]`."""
    said = (
        slot.obligation_id,
        slot.opens_on,
        slot.due_on,
        slot.closes_on,
        slot.standing,
        slot.completed_on,
        slot.missing,
        slot.reason,
    )
    return msgspec.json.encode(said) + b"\n"
