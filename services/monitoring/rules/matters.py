"""Which facts belong together: those that speak of one thing, or name one another (R4, R5).

A matter is everything linked to a fact by an id, a sender's name, a cancelled specimen or a death. Facts of different
matters change nothing in how each other is read: one more fact asks only for its own matter to be read again.
"""

from collections.abc import Callable, Iterable, Iterator

from services.monitoring.rules.acts import acts_of
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.growing import Growing
from services.monitoring.rules.naming import name_in, name_of
from shared.contracts.v1.facts import DeathRecorded, InfusionStopped, LabResultCancelled, LabResultRecorded
from shared.contracts.v1.parts import Reference

Link = tuple[str, ...]
DEATH: Link = ("death",)  # all records of it: the last one holds (R16)


class _Links:
    """By all that links them, the first `count` facts of a treatment."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts: dict[Link, tuple[Fact, ...]] = {}
        self.words: set[str] = set()
        self.count = 0
        for fact in facts:
            self.file(fact)

    def file(self, fact: Fact) -> None:
        for link in links(fact):
            self.facts[link] = (*self.facts.get(link, ()), fact)
        self.words.update(acts_of(fact))
        self.count += 1


class Matters:
    """The facts of a treatment by what links them; the links are shared by all that grew from one."""

    def __init__(self, facts: Growing[Fact], links: _Links | None = None) -> None:
        self.facts = facts
        self._links = links

    def with_fact(self, fact: Fact) -> "Matters":
        links = self._filed()
        links.file(fact)
        return Matters(self.facts.with_one(fact), links)

    def told(self, words: Iterable[str]) -> bool:
        """Whether any fact ever carried one of the words of rules/acts.py, voided or not."""
        return not self._filed().words.isdisjoint(words)

    def of(self, which: Callable[[Fact], bool]) -> list[Fact]:
        """The facts of which it is true, with all of their matters, in the order of the log."""
        found = {fact.fact_id: fact for fact in self.facts if which(fact)}
        for fact in list(found.values()):
            found.update((one.fact_id, one) for one in self.beside(fact))
        return sorted(found.values(), key=lambda fact: fact.position)

    def _filed(self) -> _Links:
        if self._links is None or self._links.count != len(self.facts):
            self._links = _Links(self.facts)
        return self._links

    def beside(self, fact: Fact) -> list[Fact]:
        """The known facts of the matter that a fact belongs to; mostly none beside itself."""
        known = self._filed().facts
        found: dict[str, Fact] = {}
        ahead = [fact]
        while ahead:
            one = ahead.pop()
            for link in links(one):
                linked = known.get(link)
                if linked is None or (link[0] == "specimen" and not any(map(_cancels, (one, *linked)))):
                    continue
                for other in linked:
                    if other.fact_id not in found:
                        found[other.fact_id] = other
                        ahead.append(other)
        return list(found.values())


def links(fact: Fact) -> Iterator[Link]:
    """All by which it can be named, and all that it names."""
    yield ("id", fact.fact_id)
    if (name := name_of(fact)) is not None:
        yield ("name", *name)
    if fact.corrects is not None:
        yield from _named(fact.corrects)
    match fact.data:
        case LabResultRecorded(specimen_id=specimen):
            yield ("specimen", specimen)
        case LabResultCancelled(specimen_id=str(specimen)):
            yield ("specimen", specimen)
        case InfusionStopped(infusion=infusion):
            yield from _named(infusion)
        case DeathRecorded():
            yield DEATH
        case _:
            pass


def _named(reference: Reference) -> Iterator[Link]:
    if reference.fact_id is not None:
        yield ("id", reference.fact_id)
    if (name := name_in(reference)) is not None:
        yield ("name", *name)


def _cancels(fact: Fact) -> bool:
    return isinstance(fact.data, LabResultCancelled)
