"""What one benchmark is: sides that take turns in the same run on the same stores, and goals for their ratios."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median
from typing import Literal, Protocol

Size = Literal["short", "full"]


class Stores(Protocol):
    """The real parts of a run, started when they are first asked for."""

    def database(self) -> str:
        """The address of a new, empty PostgreSQL database, as SQLAlchemy writes it."""
        ...

    def kafka(self) -> str:
        """The bootstrap address of a Kafka that holds no topic of ours."""
        ...


@dataclass(frozen=True)
class Bench:
    """One run of a benchmark: its size, the stores, an empty folder, and where to say how far it is."""

    size: Size
    stores: Stores
    folder: Path
    say: Callable[[str], None]
    seed: int = 1

    def times(self, full: int, short: int) -> int:
        """How many, by size."""
        return full if self.size == "full" else short

    def rounds(self, full: int = 5) -> int:
        """How often each side takes its turn; once where nothing but its results is looked at."""
        return self.times(full, 1)


@dataclass(frozen=True)
class Goal:
    """`ours` against `baseline`, names of sides, round by round; without a baseline it is `ours` itself, in its unit.

    Exactly one of `at_least` and `at_most`.
    """

    ours: str
    baseline: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    called: str = ""  # where "ours / baseline" does not say it

    @property
    def name(self) -> str:
        return self.called or (f"{self.ours} / {self.baseline}" if self.baseline else self.ours)

    @property
    def wanted(self) -> str:
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"

    def ratios(self, sides: Mapping[str, Sequence[float]]) -> list[float]:
        """One a round: a noise that lasts longer than a round is in both of its sides."""
        if self.baseline is None:
            return list(sides[self.ours])
        return [mine / its for mine, its in zip(sides[self.ours], sides[self.baseline], strict=True)]

    def verdict(self, sides: Mapping[str, Sequence[float]]) -> str:
        """`reached`, or by how much it is not, by the median of the rounds."""
        seen = median(self.ratios(sides))
        if self.at_least is not None:
            return "reached" if seen >= self.at_least else f"short by {1 - seen / self.at_least:.0%}"
        assert self.at_most is not None
        return "reached" if seen <= self.at_most else f"over by {seen / self.at_most - 1:.0%}"


@dataclass(frozen=True)
class Measured:
    """What a run saw.

    `sides`: name -> one figure a round, all in `units[name]`. `wrong`: results that were not what they must be, a
    sentence each; a figure beside a wrong result is worth nothing. `memory`: process -> its peak in MiB. `counts` tell
    what was really done.
    """

    sides: Mapping[str, Sequence[float]]
    units: Mapping[str, str]
    goals: Sequence[Goal]
    wrong: Sequence[str] = ()
    memory: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Benchmark:
    """`stands_in_the_way`: where its goal is known to be out of reach, what profiling says is the reason."""

    name: str
    what: str
    go: Callable[[Bench], Measured]
    stands_in_the_way: str = ""


def interleaved(
    sides: Mapping[str, Callable[[], float]], rounds: int, *, warm_up: int = 0, say: Callable[[str], None] | None = None
) -> dict[str, list[float]]:
    """Lets the sides take turns: A B C, B C A, …, so that no side always runs first; `warm_up` rounds are not kept."""
    names = list(sides)
    seen: dict[str, list[float]] = {name: [] for name in names}
    for number in range(warm_up + rounds):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            figure = sides[name]()
            if number >= warm_up:
                seen[name].append(figure)
        if say is not None and number >= warm_up:
            latest = ", ".join(f"{name} {values[-1]:,.4g}" for name, values in seen.items())
            say(f"round {number - warm_up + 1} of {rounds}: {latest}")
    return seen


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed: 0.99 for p99."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * share) - 1)]
