"""Which facts belong together: those that speak of one thing, or name one another (R4, R5).

A matter is everything linked to a fact by an id, a sender's name, a cancelled specimen or a death. Facts of different
matters change nothing in how each other is read: one more fact asks only for its own matter to be read again.
"""

from collections.abc import Iterable, Iterator

from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import name_in, name_of
from shared.contracts.v1.facts import DeathRecorded, InfusionStopped, LabResultCancelled, LabResultRecorded
from shared.contracts.v1.parts import Reference

Link = tuple[str, ...]
DEATH: Link = ("death",)  # all records of it: the last one holds (R16)


class Matters:
    """The facts of a treatment by what links them; grows without changing what it was."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._linked: dict[Link, tuple[Fact, ...]] = {}
        for fact in facts:
            self._file(fact)

    def with_fact(self, fact: Fact) -> "Matters":
        grown = Matters()
        grown._linked = self._linked.copy()
        grown._file(fact)
        return grown

    def beside(self, fact: Fact) -> list[Fact]:
        """The facts of the matter that one more fact belongs to; mostly none."""
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

    def _file(self, fact: Fact) -> None:
        for link in links(fact):
            self._linked[link] = (*self._linked.get(link, ()), fact)


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
