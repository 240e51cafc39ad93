"""R5: which voids act, and what they name."""

from collections.abc import Iterable

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from shared.contracts.v1.conditions import ConditionRetracted

VOIDS = (v1.FactVoided, v1.InfusionVoided, v1.ReactionRetracted, ConditionRetracted)


class Names:
    """What a reference names among the facts that are known."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._by_id: dict[str, Fact] = {}
        self._by_name: dict[tuple[str, str], list[Fact]] = {}
        for fact in facts:
            self._by_id[fact.fact_id] = fact
            if fact.business_id:
                self._by_name.setdefault((fact.business_id.system, fact.business_id.value), []).append(fact)

    def of(self, reference: parts.Reference | None) -> list[Fact]:
        if reference is None:
            return []
        if reference.fact_id is not None:
            return [self._by_id[reference.fact_id]] if reference.fact_id in self._by_id else []
        assert reference.business_id is not None
        return self._by_name.get((reference.business_id.system, reference.business_id.value), [])


def acting(facts: list[Fact], names: Names) -> list[tuple[Fact, Fact]]:
    """(void, what it voids) for each void that acts; links of a ring have no effect."""
    links = {fact.fact_id: names.of(fact.corrects) for fact in facts if isinstance(fact.data, VOIDS)}

    def reaches(start: str, end: str) -> bool:
        seen: set[str] = set()
        todo = [start]
        while todo:
            one = todo.pop()
            if one == end:
                return True
            if one not in seen:
                seen.add(one)
                todo += [named.fact_id for named in links.get(one, ())]
        return False

    effective = {
        void: [named for named in named_by if not (named.fact_id in links and reaches(named.fact_id, void))]
        for void, named_by in links.items()
    }

    def acts(void: str) -> bool:
        against = [other for other, named_by in effective.items() if any(one.fact_id == void for one in named_by)]
        return not any(acts(other) for other in against)

    by_id = {fact.fact_id: fact for fact in facts}
    return [(by_id[void], one) for void, named_by in effective.items() if acts(void) for one in named_by]
