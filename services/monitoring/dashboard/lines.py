"""How the pages speak of a requirement: its names, what to order for it, its rhythm and whose rule it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, assert_never

from services.monitoring.rules.edition import Basis, Edition, Grid, Once, Requirement, Rolling

Specimen = Literal["Blood", "Urine", "Visit"]


@dataclass(frozen=True, slots=True)
class Line:
    """`short` stands in lists; `months` is the cadence.

    `rule` is whose rule it is ("monograph"), `cadence_rule` whose the rhythm is; `citation` where it stands.
    """

    requirement: str
    title: str
    short: str
    specimen: Specimen
    months: int
    rolling: bool
    rule: str
    cadence_rule: str
    citation: str
    components: tuple[str, ...]
    once: int | None = None  # asked for by a finding, and due so many days after it
    asked: Requirement | None = None  # as the edition has it

    @property
    def cadence(self) -> str:
        """ "monthly", "3-monthly", "yearly"; after a finding "same day", "within 3 days"."""
        if self.once is not None:
            return f"within {self.once} days" if self.once else "same day"
        return {1: "monthly", 12: "yearly"}.get(self.months, f"{self.months}-monthly")


Lines = dict[str, Line]


def lines_of(editions: Iterable[Edition]) -> Lines:
    """Every requirement of the editions in force, by id."""
    return {one.id: _line(one) for edition in editions for one in edition.requirements.values()}


def line(lines: Lines, requirement: str, title: str) -> Line:
    """The line of a requirement; one that no edition knows any more keeps the title its row carries."""
    known = lines.get(requirement)
    return known or Line(requirement, title, title, "Visit", 12, True, "", "", "", ())


def whose(basis: Basis) -> str:
    """Whose rule it is, in words; policy is never dressed as label text."""
    match basis:
        case "seed":
            return "monograph"
        case "label_us":
            return "US label"
        case "rems":
            return "REMS"
        case "smpc_eu":
            return "EU label"
        case "policy":
            return "site policy"
        case "unconfirmed":
            return "unconfirmed"
        case _:
            assert_never(basis)


def _line(one: Requirement) -> Line:
    timing = one.timing
    months, once = 0, None
    match timing:
        case Grid() | Rolling():
            months = timing.every_months
        case Once():
            once = timing.due_days
    return Line(
        requirement=one.id,
        title=one.title,
        short=one.short,
        specimen=one.specimen,
        months=months,
        rolling=not isinstance(timing, Grid),
        rule=whose(one.basis),
        cadence_rule=whose(one.cadence_basis or one.basis),
        citation=one.citation,
        components=tuple(part.name for part in one.components),
        once=once,
        asked=one,
    )
