"""Recorded facts as things: what speaks of one result, infusion, exam, … in order, with voids applied (R4, R5).

A *thing* is a result, an infusion, an exam, …; its *statements* are the facts that speak of it: the original record,
corrections (by `corrects` or by a shared business name) and cancellations. Voids stand outside and remove statements.
"""

from collections.abc import Iterable

from msgspec import Struct

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import Index, targets
from services.monitoring.rules.versions import groups_of, in_order
from services.monitoring.rules.voids import voided_by
from shared.contracts.v1.facts import LabResultCancelled, LabResultRecorded


class Thing(Struct, frozen=True):
    """`statements` are in the order in which they hold; `living` are those that no void removed.

    A cancellation that names only a specimen is among the statements of every result of it.
    """

    statements: tuple[Fact, ...]
    living: tuple[Fact, ...]

    @property
    def root(self) -> Fact:
        """The original record, whose id names what follows from it; by versions a correction may come before it."""
        first = self.statements[0]
        if not _names_another(first):
            return first
        return next((one for one in self.statements if not _names_another(one)), first)


class Statements(Struct, frozen=True):
    """Every fact has one fate: part of a thing, voided by another, waiting for what it names, or a void."""

    things: tuple[Thing, ...]
    voided: dict[str, str]  # fact id -> the void that removed it
    waiting: frozenset[str]  # what names an unknown fact


def _names_another(fact: Fact) -> bool:
    return fact.corrects is not None or isinstance(fact.data, LabResultCancelled)


def read_statements(facts: Iterable[Fact]) -> Statements:
    """Facts in any order, also repeated, as things with voids applied; the log says what came first."""
    known = sorted({fact.fact_id: fact for fact in facts}.values(), key=lambda fact: fact.position)
    index = Index(known)
    groups, waiting = groups_of(index)
    voided = voided_by(index, groups)
    cancellations = [
        fact
        for fact in index.statements
        if isinstance(fact.data, LabResultCancelled) and fact.data.specimen_id and fact.fact_id not in voided
    ]
    things: list[Thing] = []
    for group in groups:
        statements = _with_cancellations(group, cancellations) if cancellations else group
        if len(statements) > 1:
            statements = in_order(statements, index)
        living = tuple(fact for fact in statements if fact.fact_id not in voided)
        things.append(Thing(tuple(statements), living))
    idle = (void.fact_id for void in index.voids if not targets(void, index))
    return Statements(tuple(things), voided, waiting.union(idle))


def _with_cancellations(group: list[Fact], cancellations: list[Fact]) -> list[Fact]:
    """The group with the cancellations of its specimens, which act on what is ordered before them."""
    specimens = {fact.data.specimen_id for fact in group if isinstance(fact.data, LabResultRecorded)}
    here = {fact.fact_id for fact in group}
    joining = [
        fact
        for fact in cancellations
        if isinstance(fact.data, LabResultCancelled) and fact.data.specimen_id in specimens and fact.fact_id not in here
    ]
    return [*group, *joining]
