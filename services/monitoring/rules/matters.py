"""Which facts belong together: those that speak of one thing, or name one another (R4, R5).

A matter is everything linked to a fact by an id, a sender's name, a cancelled specimen or a death. Facts of different
matters change nothing in how each other is read: one more fact asks only for its own matter to be read again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import name_in, name_of
from shared.contracts.v1.facts import DeathRecorded, InfusionStopped, LabResultCancelled, LabResultRecorded
from shared.contracts.v1.parts import Reference

Link = tuple[str, ...]
DEATH: Link = ("death",)  # all records of it: the last one holds (R16)


class Matters:
    """The facts of a treatment by what links them."""

    def __init__(self, facts: Sequence[Fact] = ()) -> None:
        self._facts = facts

    def with_fact(self, fact: Fact) -> "Matters":
        grown = Matters((*self._facts, fact))
        grown._linked = self._linked.copy()
        _file(fact, grown._linked)
        return grown

    def of(self, which: Callable[[Fact], bool]) -> list[Fact]:
        """The facts of which it is true, with all of their matters, in the order of the log."""
        found = {fact.fact_id: fact for fact in self._facts if which(fact)}
        for fact in list(found.values()):
            found.update((one.fact_id, one) for one in self.beside(fact))
        return sorted(found.values(), key=lambda fact: fact.position)

    @cached_property
    def _linked(self) -> dict[Link, tuple[Fact, ...]]:
        linked: dict[Link, tuple[Fact, ...]] = {}
        for fact in self._facts:
            _file(fact, linked)
        return linked

    def beside(self, fact: Fact) -> list[Fact]:
        """The known facts of the matter that a fact belongs to; mostly none beside itself."""
        found: dict[str, Fact] = {}
        ahead = [fact]
        while ahead:
            one = ahead.pop()
            for link in links(one):
                linked = self._linked.get(link)
                if linked is None or (link[0] == "specimen" and not any(map(_cancels, (one, *linked)))):
                    continue
                for other in linked:
                    if other.fact_id not in found:
                        found[other.fact_id] = other
                        ahead.append(other)
        return list(found.values())


def _file(fact: Fact, linked: dict[Link, tuple[Fact, ...]]) -> None:
    for link in links(fact):
        linked[link] = (*linked.get(link, ()), fact)


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
