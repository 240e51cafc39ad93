"""What voids remove: a fact with all its corrections, or one correction; a void of a void reinstates (R5)."""

from collections import defaultdict

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import Index, Void, name_of, targets
from services.monitoring.rules.versions import in_order


def voided_by(index: Index, groups: list[list[Fact]]) -> dict[str, str]:
    """R5: what the voids in force remove, each with the void that did it."""
    if not index.voids:
        return {}
    group_of = {fact.fact_id: group for group in groups for fact in group}
    voided: dict[str, str] = {}
    for void in _voids_in_force(index, voided):
        for target in targets(void, index):
            if isinstance(target.data, Void):
                continue
            group = group_of.get(target.fact_id, [target])
            named_by_name = void.corrects is not None and void.corrects.business_id is not None
            removed = [target]
            if named_by_name or not _is_correction(target, group, index):
                removed.extend(_corrections_of(target, group, index))
            for fact in removed:
                voided.setdefault(fact.fact_id, void.fact_id)
    return voided


def _voids_in_force(index: Index, voided: dict[str, str]) -> list[Fact]:
    """The voids that no other void in force removes; a ring of voids has no effect. Fills in the voided ones."""
    voids = {fact.fact_id: fact for fact in index.voids}
    aims = {key: [one.fact_id for one in targets(fact, index) if one.fact_id in voids] for key, fact in voids.items()}
    rings = {key for key in voids if _reaches(key, key, aims)}
    aimed_at = defaultdict(list)
    for key, others in aims.items():
        for other in others:
            aimed_at[other].append(key)
    verdicts: dict[str, bool] = dict.fromkeys(rings, False)

    def in_force(key: str) -> bool:
        if key not in verdicts:
            by = [other for other in aimed_at[key] if in_force(other)]
            verdicts[key] = not by
            if by:
                voided[key] = min(by, key=lambda other: voids[other].position)
        return verdicts[key]

    return [fact for key, fact in voids.items() if in_force(key)]


def _reaches(start: str, goal: str, aims: dict[str, list[str]]) -> bool:
    seen: set[str] = set()
    ahead = list(aims[start])
    while ahead:
        key = ahead.pop()
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            ahead.extend(aims[key])
    return False


def _is_correction(fact: Fact, group: list[Fact], index: Index) -> bool:
    """It names another fact, or an earlier statement carries the same business name."""
    if fact.corrects is not None:
        return True
    name = name_of(fact)
    if name is None:
        return False
    namesakes = [one for one in in_order(group, index) if name_of(one) == name]
    return bool(namesakes) and namesakes[0] is not fact


def _corrections_of(fact: Fact, group: list[Fact], index: Index) -> list[Fact]:
    """Everything that corrects it, directly or through another correction."""
    order = {one.fact_id: place for place, one in enumerate(in_order(group, index))}
    found: list[Fact] = []
    ahead = [fact]
    while ahead:
        at = ahead.pop()
        for one in group:
            if one is fact or one in found:
                continue
            namesake = name_of(one) is not None and name_of(one) == name_of(at)
            follows = namesake and order[one.fact_id] > order[at.fact_id]
            if follows or any(other is at for other in index.named(one)):
                found.append(one)
                ahead.append(one)
    return found
