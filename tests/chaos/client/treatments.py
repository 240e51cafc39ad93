"""Which treatment a fact is for: `abreast` of them at a time, each retired when it has its fill of facts."""

import random
import threading
from dataclasses import dataclass


@dataclass(slots=True)
class Treatment:
    """`treatment` is its id once somebody has opened it; `facts` counts those made for it."""

    name: str
    treatment: str | None = None
    facts: int = 0


class Treatments:
    """Thread-safe. Whoever draws one that is not open yet has to open it; until then nobody else gets it."""

    def __init__(self, run: str, abreast: int, fill: int) -> None:
        self._run, self._fill = run, fill
        self._number = 0
        self._lock = threading.Lock()
        self._open: list[Treatment] = []
        self._missing = abreast

    def draw(self, draw: random.Random) -> Treatment:
        with self._lock:
            if self._missing and (not self._open or draw.random() < 0.5):
                self._missing -= 1
                self._number += 1
                return Treatment(f"{self._run}-{self._number}")
            return draw.choice(self._open) if self._open else Treatment("")

    def opened(self, one: Treatment, treatment: str) -> None:
        with self._lock:
            one.treatment = treatment
            self._open.append(one)

    def given_up(self) -> None:
        """Nobody knows whether it was opened: another one takes its place."""
        with self._lock:
            self._missing += 1

    def numbers(self, one: Treatment, how_many: int) -> range:
        """The numbers of its next facts."""
        with self._lock:
            first = one.facts
            one.facts += how_many
            if one.facts >= self._fill and one in self._open:
                self._open.remove(one)
                self._missing += 1
            return range(first, one.facts)
