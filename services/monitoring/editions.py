"""The editions of each protocol, each in force for what is known from the instant of its activation on.

Instants are microseconds since 1970 UTC. What was known before an activation is judged by the edition before it,
whenever it is asked: an activation changes no answer that was given.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.monitoring.rules.edition import Edition

BEGINNING: Final = 0
"""The activation of an edition that nothing was judged before."""
Line = tuple[tuple[int, Edition], ...]


class Editions(Mapping[str, Edition]):
    """As a mapping: the newest edition of each protocol. `recorded`: how many activations it knows of.

    Shared by everything that judges in one process: `renew` gives all of it what was activated meanwhile.
    """

    def __init__(self, shipped: Mapping[str, Edition], profile: str | None = None) -> None:
        self.shipped = dict(shipped)
        self.profile = profile or next((one.profile for one in shipped.values()), "")
        self.recorded = 0
        self._lines: dict[str, Line] = {name: ((BEGINNING, one),) for name, one in shipped.items()}

    @classmethod
    def of(cls, editions: Mapping[str, Edition]) -> "Editions":
        """The same, or what was in force from the beginning and still is."""
        return editions if isinstance(editions, Editions) else cls(editions)

    def renew(self, activations: Iterable[tuple[int, Edition]], recorded: int) -> None:
        """All activations that there are; a protocol without one keeps the edition it was shipped with."""
        lines: dict[str, Line] = {}
        for activated_at, edition in sorted(activations, key=lambda one: one[0]):
            lines[edition.protocol] = (*lines.get(edition.protocol, ()), (activated_at, edition))
        self._lines = {name: ((BEGINNING, one),) for name, one in self.shipped.items()} | lines
        self.recorded = recorded

    def __getitem__(self, protocol: str) -> Edition:
        return self._lines[protocol][-1][1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def at(self, protocol: str, instant: int | None) -> Edition | None:
        """The one that judges what was known at an instant (None = now); None if there is none."""
        line = self._lines.get(protocol, ())
        known = [edition for since, edition in line if instant is None or since <= max(instant, BEGINNING)]
        return known[-1] if known else None

    def since(self, protocol: str, instant: int) -> int:
        """When that one was activated."""
        return max((since for since, _ in self._lines.get(protocol, ()) if since <= instant), default=BEGINNING)

    def between(self, protocol: str, after: int, through: int) -> list[int]:
        """The activations in (after, through], in order."""
        return [since for since, _ in self._lines.get(protocol, ()) if after < since <= through]

    def in_force(self, instant: int | None) -> list[Edition]:
        """That of each protocol, in the order of their names."""
        return [one for name in sorted(self._lines) if (one := self.at(name, instant)) is not None]

    def every(self) -> Iterator[Edition]:
        """All that were ever in force, older ones first."""
        for name in sorted(self._lines):
            yield from (edition for _, edition in self._lines[name])

    @property
    def never_activated(self) -> list[Edition]:
        """Those that this version ships with and that judge nothing: something else was activated, and they never."""
        known = {edition.sha256 for edition in self.every()}
        return [one for one in self.shipped.values() if one.sha256 not in known]
