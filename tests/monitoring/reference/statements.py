"""R4, R5: what is said about one thing, in which order, and what of it lives."""

from dataclasses import dataclass, field

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import facts as v1
from tests.monitoring.reference.voids import VOIDS, Names, acting
from tests.monitoring.reference.words import words

LABS = (v1.LabResultRecorded, v1.LabResultCorrected)  # a correction is a LabResultRecorded too


@dataclass(frozen=True)
class Entry:
    """One code of a laboratory result as it stands, and the statement that said so."""

    result: v1.Result
    status: str
    specimen: str
    said_by: Fact


@dataclass
class Thing:
    """Something that happened: everything said about it, in order, what of it lives, and the last of that."""

    original: Fact
    said: list[Fact]
    living: list[Fact]
    deciding: Fact
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    words: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = words(self.deciding.data)

    @property
    def first_position(self) -> int:
        return min(fact.position for fact in self.living)


def things(facts: list[Fact]) -> list[Thing]:
    """Every living thing but the demographics' opening, by the position of its first living statement."""
    names = Names(facts)
    said = [fact for fact in facts if not isinstance(fact.data, VOIDS)]
    said = [fact for fact in said if fact.fact_id not in _waiting(said, names)]
    specimens = [f for f in said if isinstance(f.data, v1.LabResultCancelled) and f.data.specimen_id is not None]
    groups = [in_order(group, names) for group in _groups(said, names)]
    struck = _struck(groups, facts, names)
    found = [_thing(group, specimens, struck, names) for group in groups]
    return sorted((one for one in found if one), key=lambda one: one.first_position)


def _waiting(said: list[Fact], names: Names) -> set[str]:
    """What names an unknown fact waits for it, and so does what names nothing but that."""
    waiting: set[str] = set()
    while True:
        more = set()
        for fact in said:
            if fact.corrects is None or fact.fact_id in waiting:
                continue
            named = [one for one in names.of(fact.corrects) if one is not fact]
            if all(one.fact_id in waiting for one in named):
                more.add(fact.fact_id)
        if not more:
            return waiting
        waiting |= more


def _groups(said: list[Fact], names: Names) -> list[list[Fact]]:
    """What names each other, or carries the same sender's name, speaks of one thing. The opening stands alone."""
    here = {fact.fact_id: fact for fact in said if not isinstance(fact.data, v1.TreatmentOpened)}
    beside: dict[str, set[str]] = {fact_id: set() for fact_id in here}
    for fact in here.values():
        by_name = names.of(None)
        if fact.business_id:
            by_name = [other for other in said if other.business_id and _name(other) == _name(fact)]
        for other in [*names.of(fact.corrects), *by_name]:
            if other.fact_id in here:
                beside[fact.fact_id].add(other.fact_id)
                beside[other.fact_id].add(fact.fact_id)
    groups = []
    left = dict(here)
    while left:
        todo, group = [next(iter(left))], []
        while todo:
            one = todo.pop()
            if one in left:
                group.append(left.pop(one))
                todo += beside[one]
        groups.append(group)
    return groups


def _name(fact: Fact) -> tuple[str, str] | None:
    return (fact.business_id.system, fact.business_id.value) if fact.business_id else None


def in_order(group: list[Fact], names: Names) -> list[Fact]:
    """R4: by source version if all carry one, else by issue time if all carry one, else by the log as far as named.

    An opening that demographics correct is one of the statements, although nothing replaces it as a whole.
    """
    opening = [one for fact in group for one in names.of(fact.corrects) if isinstance(one.data, v1.TreatmentOpened)]
    left = sorted([*group, *(one for one in opening[:1] if one not in group)], key=lambda fact: fact.position)
    taken: list[Fact] = []
    while left:
        free = [fact for fact in left if not any(one in left and one is not fact for one in names.of(fact.corrects))]
        taken.append(free[0] if free else left[0])
        left.remove(taken[-1])
    versions = {fact.fact_id: fact.business_id.version for fact in taken if fact.business_id}
    if all(versions.get(fact.fact_id) is not None for fact in taken):
        taken.sort(key=lambda fact: versions[fact.fact_id] or 0)
    elif all(fact.issued_at is not None for fact in taken):
        taken.sort(key=lambda fact: fact.issued_at)  # type: ignore[arg-type,return-value]
    return [fact for fact in taken if fact in group]


def _original(group: list[Fact]) -> Fact:
    """The first that corrects nothing; a group of corrections alone has no better one than its first."""
    return next((fact for fact in group if fact.corrects is None), group[0])


def _struck(groups: list[list[Fact]], facts: list[Fact], names: Names) -> set[str]:
    """What voids remove: a fact with all its corrections, or a correction alone."""
    named = {one.fact_id for _, one in acting(facts, names)}
    struck = set(named)
    for group in groups:
        for place, fact in enumerate(group):
            corrects = fact.corrects is not None or any(_name(fact) and _name(fact) == _name(o) for o in group[:place])
            if fact.fact_id in named and not corrects:
                struck |= _corrections(fact, group, names)
    return struck


def _corrections(fact: Fact, group: list[Fact], names: Names) -> set[str]:
    """What names it, or follows under its name, and what corrects that."""
    found: set[str] = set()
    todo = [fact]
    while todo:
        one = todo.pop()
        later = [other for other in group[group.index(one) + 1 :] if _name(one) and _name(other) == _name(one)]
        more = [*later, *(other for other in group if one in names.of(other.corrects))]
        for other in more:
            if other is not fact and other.fact_id not in found:
                found.add(other.fact_id)
                todo.append(other)
    return found


def _thing(group: list[Fact], specimens: list[Fact], struck: set[str], names: Names) -> Thing | None:
    living = [fact for fact in group if fact.fact_id not in struck]
    if not living:
        return None
    if not any(isinstance(fact.data, (*LABS, v1.LabResultCancelled)) for fact in group):
        return Thing(_original(group), group, living, living[-1])
    of_specimen = {fact.data.specimen_id for fact in group if isinstance(fact.data, LABS)}
    more = [
        fact
        for fact in specimens
        if fact not in group and isinstance(fact.data, v1.LabResultCancelled) and fact.data.specimen_id in of_specimen
    ]
    entries: dict[tuple[str, str], Entry] = {}
    for fact in in_order([*group, *more], names):
        if fact.fact_id not in struck:
            _say(fact, entries)
    results = [fact for fact in living if isinstance(fact.data, LABS)]
    return Thing(_original(group), group, living, results[-1], entries) if results else None


def _say(fact: Fact, entries: dict[tuple[str, str], Entry]) -> None:
    data = fact.data
    if isinstance(data, v1.LabResultCancelled):
        for key, entry in entries.items():
            if data.specimen_id in {None, entry.specimen} and (data.codes is None or key[1] in data.codes):
                entries[key] = Entry(entry.result, "cancelled", entry.specimen, entry.said_by)
    elif isinstance(data, v1.LabResultRecorded):
        if not isinstance(data, v1.LabResultCorrected):
            entries.clear()
        for result in data.results:
            entries[result.system, result.code] = Entry(result, result.status, data.specimen_id, fact)
