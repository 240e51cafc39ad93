"""What voids remove: a fact with all its corrections, or one correction; a void of a void reinstates (R5)."""

from collections import Counter, defaultdict

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import Index, Name, Void, name_of, targets
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
            removed = [target]
            if not _is_correction(target, group, index):
                removed.extend(_corrections_of(target, group, index))
            for fact in removed:
                voided.setdefault(fact.fact_id, void.fact_id)
    return voided


def _voids_in_force(index: Index, voided: dict[str, str]) -> list[Fact]:
    """The voids that no other void in force removes; a ring of voids has no effect. Fills in the voided ones."""
    voids = {fact.fact_id: fact for fact in index.voids}
    aims = {key: [one.fact_id for one in targets(fact, index) if one.fact_id in voids] for key, fact in voids.items()}
    unsettled = Counter(aim for others in aims.values() for aim in others)  # voids that aim at it and are still open
    in_force: dict[str, bool] = {}

    def settle(ready: list[str]) -> None:
        while ready:
            key = ready.pop()
            in_force.setdefault(key, key not in voided)
            for aim in aims[key]:
                if in_force[key]:
                    voided.setdefault(aim, key)
                unsettled[aim] -= 1
                if not unsettled[aim] and aim not in in_force:
                    ready.append(aim)

    settle([key for key in voids if not unsettled[key]])
    ring = [key for key in voids if key not in in_force and _reaches(key, key, aims)]
    in_force.update(dict.fromkeys(ring, False))
    settle(ring)
    return [fact for key, fact in voids.items() if in_force[key]]


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
    return next(one for one in in_order(group, index) if name_of(one) == name) is not fact


def _corrections_of(fact: Fact, group: list[Fact], index: Index) -> list[Fact]:
    """Everything that corrects it, directly or through another correction."""
    corrections: dict[str, list[Fact]] = defaultdict(list)
    latest: dict[Name, Fact] = {}
    for one in in_order(group, index):
        for other in index.named(one):
            corrections[other.fact_id].append(one)
        if (name := name_of(one)) is not None:
            if name in latest:
                corrections[latest[name].fact_id].append(one)
            latest[name] = one
    found: dict[str, Fact] = {}
    ahead = [fact]
    while ahead:
        for one in corrections[ahead.pop().fact_id]:
            if one is not fact and one.fact_id not in found:
                found[one.fact_id] = one
                ahead.append(one)
    return list(found.values())
