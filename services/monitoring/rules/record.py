"""What was recorded of one treatment, thing by thing: each as its last living statement has it, or as it was voided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import believed, day_of
from services.monitoring.rules.calendar import possible_days
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import name_in, name_of
from services.monitoring.rules.statements import Thing, read_statements
from shared.contracts.v1.facts import LabResultCancelled
from shared.contracts.v1.parts import Data, Reference

D = TypeVar("D", bound=Data)


@dataclass(frozen=True, slots=True)
class Said(Generic[D]):
    """One thing: `fact_id` is its original record's; imprecise where `first` < `last`; `instant` if a time is known.

    `voided_by` is the void that took it all back, and None of what stands.
    """

    fact_id: str
    data: D
    first: date
    last: date
    instant: datetime | None
    version: int
    voided_by: str | None = None

    @property
    def precise(self) -> bool:
        return self.first == self.last


class Record:
    """A set of facts, in any order and also repeated; what has happened is asked of a date (R2)."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = {fact.fact_id: fact for fact in facts}
        self._statements = read_statements(self.facts.values())

    @cached_property
    def belief(self) -> Belief:
        return believed(self._statements, list(self.facts.values()))

    def of(self, kind: type[D], on: date) -> list[Said[D]]:
        """What had happened of this very type by `on`: by day, then by version."""
        return [one for one in self._living.get(kind, ()) if one.first <= on]

    def withdrawn(self, kind: type[D], on: date) -> list[Said[D]]:
        """What was said of this type and wholly taken back."""
        return [one for one in self._voided.get(kind, ()) if one.first <= on]

    def day(self, fact_id: str) -> date:
        """The local date of one fact."""
        return day_of(self.facts[fact_id], self.belief.who.clinic)

    def named(self, reference: Reference | None) -> list[str]:
        """The original records of the things that a reference names; none while nothing of them is here."""
        if reference is None:
            return []
        name = name_in(reference)
        return [
            thing.root.fact_id
            for thing in self._statements.things
            if any(
                fact.fact_id == reference.fact_id or (name is not None and name_of(fact) == name)
                for fact in thing.statements
            )
        ]

    @cached_property
    def _living(self) -> dict[type, list[Said[Any]]]:
        return self._by_type((thing, thing.living, None) for thing in self._statements.things if thing.living)

    @cached_property
    def _voided(self) -> dict[type, list[Said[Any]]]:
        voided = self._statements.voided
        gone = [thing for thing in self._statements.things if not thing.living and thing.root.fact_id in voided]
        return self._by_type((thing, thing.statements, voided[thing.root.fact_id]) for thing in gone)

    def _by_type(self, things: Iterable[tuple[Thing, Sequence[Fact], str | None]]) -> dict[type, list[Said[Any]]]:
        found: dict[type, list[Said[Any]]] = {}
        for thing, statements, void in things:
            last = next((fact for fact in reversed(statements) if not isinstance(fact.data, LabResultCancelled)), None)
            if last is not None:
                found.setdefault(type(last.data), []).append(self._said(thing, last, void))
        for one in found.values():
            one.sort(key=lambda said: (said.first, said.version))
        return found

    def _said(self, thing: Thing, last: Fact, void: str | None) -> Said[Any]:
        first = day_of(last, self.belief.who.clinic)
        end = possible_days(last.occurred_on)[1] if last.occurred_on else first
        return Said(thing.root.fact_id, last.data, first, end, last.occurred_at, thing.root.version, void)
