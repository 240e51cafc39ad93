"""Which statements speak of one thing, and the one order in which they hold (R4)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import Index

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def groups_of(index: Index) -> tuple[list[list[Fact]], frozenset[str]]:
    """Connected statements, less those that wait for something unknown."""
    named = {fact.fact_id: index.named(fact) for fact in index.statements if fact.corrects}
    waiting = _waiting(named)
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        while (above := parent.get(key, key)) != key:
            parent[key] = parent.get(above, above)
            key = parent[key]
        return key

    for one, others in named.items():
        for other in others:
            if other.fact_id not in waiting:
                parent[find(one)] = find(other.fact_id)
    for carriers in index.by_name.values():
        present = [fact for fact in carriers if fact.fact_id not in waiting]
        for fact in present[1:]:
            parent[find(fact.fact_id)] = find(present[0].fact_id)
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in index.statements:
        if fact.fact_id not in waiting:
            groups[find(fact.fact_id)].append(fact)
    return list(groups.values()), waiting


def _waiting(named: dict[str, list[Fact]]) -> frozenset[str]:
    """What names an unknown fact, or only such as wait themselves, waits for it."""
    naming: dict[str, list[str]] = defaultdict(list)
    for one, others in named.items():
        for other in others:
            naming[other.fact_id].append(one)
    ready = [other for other in naming if other not in named]
    left = set(named)
    while ready:
        for one in naming[ready.pop()]:
            if one in left:
                left.discard(one)
                ready.append(one)
    return frozenset(left)


def in_order(group: list[Fact], index: Index) -> list[Fact]:
    """R4: by source version if all carry one, else by issue time if all do, else by the log, named before naming."""
    in_log = list(_named_first(group, index))
    versions = [fact.business_id.version if fact.business_id else None for fact in in_log]
    if all(version is not None for version in versions):
        return sorted(in_log, key=lambda fact: (fact.business_id and fact.business_id.version) or 0)
    if all(fact.issued_at is not None for fact in in_log):
        return sorted(in_log, key=lambda fact: fact.issued_at or _LONG_AGO)
    return in_log


def _named_first(group: list[Fact], index: Index) -> Iterator[Fact]:
    inside = {fact.fact_id: fact for fact in group}
    follows: dict[str, list[str]] = defaultdict(list)
    missing: dict[str, int] = {}
    for fact in group:
        named = [other.fact_id for other in index.named(fact) if other.fact_id in inside]
        missing[fact.fact_id] = len(named)
        for other in named:
            follows[other].append(fact.fact_id)
    ready = [(fact.position, fact.fact_id) for fact in group if not missing[fact.fact_id]]
    heapify(ready)
    left = dict(inside)
    while left:
        if not ready:  # names that refer to each other in a ring: the log alone decides
            heappush(ready, min((fact.position, key) for key, fact in left.items()))
        key = heappop(ready)[1]
        if (fact_taken := left.pop(key, None)) is None:
            continue
        yield fact_taken
        for after in follows[key]:
            missing[after] -= 1
            if not missing[after]:
                heappush(ready, (inside[after].position, after))
