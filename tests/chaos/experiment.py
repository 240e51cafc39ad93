"""What one experiment on faults is, and what it says when it is over."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Size = Literal["short", "full"]


@dataclass(frozen=True)
class Run:
    """One go: its size, the seed of everything random, an empty folder, and where to say how far it is."""

    size: Size
    seed: int
    folder: Path
    say: Callable[[str], None]
    without: bool = False  # the negative control: the protection under test is taken away

    @property
    def random(self) -> random.Random:
        return random.Random(self.seed)

    def times(self, full: int, short: int) -> int:
        """How often, by size."""
        return full if self.size == "full" else short


@dataclass(frozen=True)
class Finding:
    """What was seen. `broken` lists promises that did not hold, a sentence each; none means that it held.

    `counters` say what the experiment really reached (kills, facts in flight, …); `at_least` gives the floor under
    which it proves nothing. `figures` are what is worth reading beside them.
    """

    broken: tuple[str, ...]
    counters: Mapping[str, int]
    at_least: Mapping[str, int]
    figures: Mapping[str, float | int | str] = field(default_factory=dict)

    @property
    def short_of(self) -> dict[str, str]:
        return {
            name: f"{self.counters.get(name, 0)} of {floor}"
            for name, floor in self.at_least.items()
            if self.counters.get(name, 0) < floor
        }

    @property
    def void(self) -> bool:
        return bool(self.short_of)


@dataclass(frozen=True)
class Experiment:
    """A promise put to the test. Its control is the same `go` with `run.without`: there `broken` must not be empty.

    `control` says in words what is taken away; None only where `why_no_control` says why none can exist.
    """

    name: str
    promise: str
    go: Callable[[Run], Finding]
    control: str | None
    why_no_control: str = ""
