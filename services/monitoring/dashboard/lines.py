"""How the pages speak of a requirement: its names, what to order for it, its rhythm and whose rule it is."""

from dataclasses import dataclass
from typing import Literal

Specimen = Literal["Blood", "Urine", "Visit", "Form"]


@dataclass(frozen=True, slots=True)
class Line:
    """`short` stands in lists; `months` is the cadence; `early` the days before the due date when a window opens.

    `rule` is whose rule it is ("monograph", "site policy"); `components` are the protocol's names of its parts.
    """

    requirement: str
    title: str
    short: str
    specimen: Specimen
    months: int
    rolling: bool
    early: int
    rule: str
    components: tuple[str, ...] = ()

    @property
    def cadence(self) -> str:
        """ "monthly", "3-monthly", "yearly"."""
        return {1: "monthly", 12: "yearly"}.get(self.months, f"{self.months}-monthly")


Lines = dict[str, Line]


def line(lines: Lines, requirement: str, title: str, rule: str = "") -> Line:
    """The line of a requirement; one that the protocol's edition no longer knows keeps the title its row carries."""
    known = lines.get(requirement)
    return known or Line(requirement, title, title, "Visit", 12, True, 0, rule)
