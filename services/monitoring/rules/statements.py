"""Which recorded facts speak of one and the same thing, in which order, and which of them are voided (R4, R5).

A *thing* is a result, an infusion, an exam, …; its *statements* are the facts that speak of it: the original record,
corrections (by `corrects` or by a shared business name) and cancellations. Voids stand outside and remove statements.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush

from services.monitoring.rules.facts import Fact
from shared.contracts.v1.facts import (
    FactVoided,
    InfusionVoided,
    LabResultCancelled,
    LabResultRecorded,
    ReactionRetracted,
)

Void = FactVoided | InfusionVoided | ReactionRetracted
Name = tuple[str, str]
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Thing:
    """`statements` are in the order in which they hold; `living` are those that no void removed.

    A cancellation that names only a specimen is among the statements of every result of it.
    """

    statements: tuple[Fact, ...]
    living: tuple[Fact, ...]

    @property
    def root(self) -> Fact:
        """The original record, whose id names what follows from it."""
        return self.statements[0]


@dataclass(frozen=True, slots=True)
class Statements:
    """Every fact has one fate: part of a thing, voided by another, waiting for what it names, or a void."""

    things: tuple[Thing, ...]
    voided: dict[str, str]  # fact id -> the void that removed it
    waiting: frozenset[str]  # what names an unknown fact


def read_statements(facts: Iterable[Fact]) -> Statements:
    """Facts in any order, also repeated, as things with voids applied; the log says what came first."""
    known = sorted({fact.fact_id: fact for fact in facts}.values(), key=lambda fact: fact.position)
    index = _Index(known)
    groups, waiting = _groups(index)
    voided = _voided(index, groups)
    cancellations = [
        fact
        for fact in index.statements
        if isinstance(fact.data, LabResultCancelled) and fact.data.specimen_id and fact.fact_id not in voided
    ]
    things: list[Thing] = []
    for group in groups:
        statements = _with_cancellations(group, cancellations) if cancellations else group
        if len(statements) > 1:
            statements = _in_order(statements, index)
        living = tuple(fact for fact in statements if fact.fact_id not in voided) if voided else tuple(statements)
        things.append(Thing(tuple(statements), living))
    idle = (void.fact_id for void in index.voids if not _targets(void, index))
    return Statements(tuple(things), voided, waiting.union(idle))


class _Index:
    """The facts by id and by the sender's own name for the thing."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.by_id = {fact.fact_id: fact for fact in facts}
        self.voids = [fact for fact in facts if isinstance(fact.data, Void)]
        self.statements = [fact for fact in facts if not isinstance(fact.data, Void)] if self.voids else list(facts)
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
            return [found] if found is not None and not isinstance(found.data, Void) and found is not fact else []
        if reference.business_id is None:
            return []
        name = (reference.business_id.system, reference.business_id.value)
        return [one for one in self.by_name.get(name, ()) if one is not fact and _name_corrected(one) != name]


def name_of(fact: Fact) -> Name | None:
    return (fact.business_id.system, fact.business_id.value) if fact.business_id else None


def _name_corrected(fact: Fact) -> Name | None:
    named = fact.corrects.business_id if fact.corrects else None
    return (named.system, named.value) if named else None


def _groups(index: _Index) -> tuple[list[list[Fact]], frozenset[str]]:
    """Connected statements, less those that wait for something unknown."""
    named = {fact.fact_id: index.named(fact) for fact in index.statements if fact.corrects}
    waiting = _waiting(index, named)
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        while (above := parent.get(key, key)) != key:
            key = above
        return key

    for one, others in named.items():
        if one not in waiting:
            for other in others:
                parent[find(one)] = find(other.fact_id)
    for carriers in index.by_name.values():
        present = [fact for fact in carriers if fact.fact_id not in waiting]
        for fact in present[1:]:
            parent[find(fact.fact_id)] = find(present[0].fact_id)
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in index.statements:
        if fact.fact_id not in waiting:
            groups[find(fact.fact_id) if parent else fact.fact_id].append(fact)
    return list(groups.values()), waiting


def _waiting(index: _Index, named: dict[str, list[Fact]]) -> frozenset[str]:
    """What names an unknown fact, or only such as wait themselves, waits for it."""
    if not named:
        return frozenset()
    taken = {fact.fact_id for fact in index.statements if fact.fact_id not in named}
    left = dict(named)
    while ready := [one for one, others in left.items() if any(other.fact_id in taken for other in others)]:
        taken.update(ready)
        for one in ready:
            del left[one]
    return frozenset(left)


def _with_cancellations(group: list[Fact], cancellations: list[Fact]) -> list[Fact]:
    """The group with the cancellations of its specimens, which act on what is ordered before them."""
    specimens = {fact.data.specimen_id for fact in group if isinstance(fact.data, LabResultRecorded)}
    if not specimens:
        return group
    here = {fact.fact_id for fact in group}
    joining = [
        fact
        for fact in cancellations
        if isinstance(fact.data, LabResultCancelled) and fact.data.specimen_id in specimens and fact.fact_id not in here
    ]
    return [*group, *joining]


def _in_order(group: list[Fact], index: _Index) -> list[Fact]:
    """R4: by source version if all carry one, else by issue time if all do, else by the log, named before naming."""
    in_log = list(_named_first(group, index))
    versions = [fact.business_id.version if fact.business_id else None for fact in in_log]
    if all(version is not None for version in versions):
        return sorted(in_log, key=lambda fact: (fact.business_id and fact.business_id.version) or 0)
    if all(fact.issued_at is not None for fact in in_log):
        return sorted(in_log, key=lambda fact: fact.issued_at or _LONG_AGO)
    return in_log


def _named_first(group: list[Fact], index: _Index) -> Iterator[Fact]:
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


def _voided(index: _Index, groups: list[list[Fact]]) -> dict[str, str]:
    """R5: what the voids in force remove, each with the void that did it."""
    if not index.voids:
        return {}
    group_of = {fact.fact_id: group for group in groups for fact in group}
    voided: dict[str, str] = {}
    for void in _voids_in_force(index, voided):
        for target in _targets(void, index):
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


def _targets(void: Fact, index: _Index) -> list[Fact]:
    reference = void.corrects
    if reference is None:
        return []
    if reference.fact_id is not None:
        found = index.by_id.get(reference.fact_id)
        return [found] if found is not None and found is not void else []
    if reference.business_id is None:
        return []
    name = (reference.business_id.system, reference.business_id.value)
    return index.by_name.get(name) or [one for one in index.voids if name_of(one) == name and one is not void]


def _voids_in_force(index: _Index, voided: dict[str, str]) -> list[Fact]:
    """The voids that no other void in force removes; a ring of voids has no effect. Fills in the voided ones."""
    voids = {fact.fact_id: fact for fact in index.voids}
    aims = {key: [one.fact_id for one in _targets(fact, index) if one.fact_id in voids] for key, fact in voids.items()}
    rings = {key for key in voids if _reaches(key, key, aims)}
    aimed_at = defaultdict(list)
    for key, targets in aims.items():
        for target in targets:
            aimed_at[target].append(key)
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


def _is_correction(fact: Fact, group: list[Fact], index: _Index) -> bool:
    """It names another fact, or an earlier statement carries the same business name."""
    if fact.corrects is not None:
        return True
    name = name_of(fact)
    if name is None:
        return False
    namesakes = [one for one in _in_order(group, index) if name_of(one) == name]
    return bool(namesakes) and namesakes[0] is not fact


def _corrections_of(fact: Fact, group: list[Fact], index: _Index) -> list[Fact]:
    """Everything that corrects it, directly or through another correction."""
    order = {one.fact_id: place for place, one in enumerate(_in_order(group, index))}
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
