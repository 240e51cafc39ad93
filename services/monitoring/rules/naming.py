"""What a recorded fact names: another fact by its id, or a thing by the sender's own name for it."""

from collections import defaultdict
from collections.abc import Sequence

from services.monitoring.rules.facts import Fact
from shared.contracts.v1.conditions import ConditionRetracted
from shared.contracts.v1.facts import FactVoided, InfusionVoided, ReactionRetracted
from shared.contracts.v1.parts import Reference

Void = FactVoided | InfusionVoided | ReactionRetracted | ConditionRetracted
Name = tuple[str, str]


class Index:
    """The facts by id and by the sender's own name for the thing."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.by_id = {fact.fact_id: fact for fact in facts}
        self.voids = [fact for fact in facts if isinstance(fact.data, Void)]
        self.statements = [fact for fact in facts if not isinstance(fact.data, Void)]
        self.by_name: dict[Name, list[Fact]] = defaultdict(list)
        for fact in self.statements:
            if (name := name_of(fact)) is not None:
                self.by_name[name].append(fact)

    def named(self, fact: Fact) -> list[Fact]:
        """The statements that a correction names; none when nothing of it is here yet.

        A business name means those that carry it, but not those that themselves only refer to it.
        """
        reference = fact.corrects
        if reference is None:
            return []
        if reference.fact_id is not None:
            found = self.by_id.get(reference.fact_id)
            return [found] if found is not None and not isinstance(found.data, Void) else []
        name = name_in(reference)
        return [] if name is None else [one for one in self.by_name.get(name, ()) if name_in(one.corrects) != name]


def name_of(fact: Fact) -> Name | None:
    """The sender's own name for the thing that a fact is about."""
    return (fact.business_id.system, fact.business_id.value) if fact.business_id else None


def name_in(reference: Reference | None) -> Name | None:
    """The business name that a reference gives, if it gives one."""
    named = reference.business_id if reference else None
    return (named.system, named.value) if named else None


def targets(void: Fact, index: Index) -> list[Fact]:
    """What a void names: statements, or another void; none when nothing of it is here yet."""
    reference = void.corrects
    if reference is None:
        return []
    if reference.fact_id is not None:
        found = index.by_id.get(reference.fact_id)
        return [found] if found is not None and found is not void else []
    name = name_in(reference)
    return (
        []
        if name is None
        else index.by_name.get(name) or [one for one in index.voids if name_of(one) == name and one is not void]
    )
