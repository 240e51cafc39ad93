"""What another edition would change of obligations, added up by requirement and by treatment. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from msgspec import Struct, field

from services.monitoring.rules.comparing import Difference, Kind, difference, look
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment

KINDS: tuple[Kind, ...] = ("opened", "withdrawn", "moved", "satisfied", "reopened", "changed")
"""In the order in which they are told."""


class Line(Struct, frozen=True):
    """The roll-up of one requirement before and after; None = there is none, or it has no due date."""

    requirement: str
    standing_before: str | None
    standing_after: str | None
    due_before: date | None
    due_after: date | None


class TreatmentImpact(Struct, frozen=True):
    """`obligations`: requirement -> kind -> how many; `lines` are those whose standing or due date would change."""

    treatment: str
    on: date
    obligations: dict[str, dict[str, int]]
    lines: tuple[Line, ...]


class RequirementImpact(Struct, frozen=True):
    """`obligations` by kind; `standings` of slots and `roll_ups` of the worklist: "due -> overdue", and how many."""

    requirement: str
    title: str
    treatments: int
    obligations: dict[str, int]
    standings: dict[str, int]
    roll_ups: dict[str, int]


class Tally(Struct):
    """Sums over the treatments that were looked at; the order in which they come makes no difference to the sums."""

    looked_at: int = 0
    changed: list[TreatmentImpact] = []
    titles: dict[str, str] = {}
    treatments: Counter[str] = field(default_factory=Counter)
    obligations: dict[str, Counter[str]] = {}
    standings: dict[str, Counter[str]] = {}
    roll_ups: dict[str, Counter[str]] = {}

    def add(self, treatment: str, on: date, found: Difference) -> None:
        self.looked_at += 1
        of_it: dict[str, Counter[str]] = {}
        for slot in found.slots:
            of_it.setdefault(slot.requirement, Counter()).update(slot.kinds)
            if slot.before and slot.after and slot.before.standing != slot.after.standing:
                self._count(self.standings, slot.requirement, f"{slot.before.standing} -> {slot.after.standing}")
        lines = []
        for one in found.lines:
            was, now = one.before, one.after
            line = Line(
                one.requirement,
                was.standing if was else None,
                now.standing if now else None,
                was.due_on if was else None,
                now.due_on if now else None,
            )
            self.titles[one.requirement] = one.title
            if line.standing_before != line.standing_after:
                said = f"{line.standing_before or 'none'} -> {line.standing_after or 'none'}"
                self._count(self.roll_ups, one.requirement, said)
            if (line.standing_before, line.due_before) != (line.standing_after, line.due_after):
                lines.append(line)
        for requirement, kinds in of_it.items():
            self.obligations.setdefault(requirement, Counter()).update(kinds)
        touched = sorted({*of_it, *(line.requirement for line in lines)})
        self.treatments.update(touched)
        if touched:
            by_requirement = {name: _sorted(of_it[name]) for name in sorted(of_it)}
            self.changed.append(TreatmentImpact(treatment, on, by_requirement, tuple(lines)))

    def requirements(self) -> tuple[RequirementImpact, ...]:
        """Those of which anything would change, by id."""
        return tuple(
            RequirementImpact(
                name,
                self.titles.get(name, name),
                self.treatments[name],
                _sorted(self.obligations.get(name, Counter())),
                dict(sorted(self.standings.get(name, {}).items())),
                dict(sorted(self.roll_ups.get(name, {}).items())),
            )
            for name in sorted(self.treatments)
        )

    @staticmethod
    def _count(counts: dict[str, Counter[str]], requirement: str, said: str) -> None:
        counts.setdefault(requirement, Counter())[said] += 1


def compared(before: Edition, after: Edition, facts: Iterable[Fact], on: date) -> Difference:
    """What one treatment's facts come to by either edition on a day."""
    known = tuple(facts)
    return difference(look(Treatment(before, known), on), look(Treatment(after, known), on))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {kind: counts[kind] for kind in KINDS if counts[kind]}
