"""What readiness answers: one line per rule, and what all of them come to."""

from datetime import date
from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis

LineStanding = Literal["met", "not_met", "unknown", "not_applicable", "overridden"]
Verdict = Literal["go", "go_with_warnings", "no_go"]


class Proof(Struct, frozen=True):
    """One fact that was looked at: what it shows, whether it counts, and why."""

    fact_id: str
    occurred_on: date
    shows: str
    counts: bool
    why: str


class Line(Struct, frozen=True):
    """`rule` is None, with basis and citation, where no rule asks but a fact forbids: a death, a clinician's hold."""

    rule: str | None
    title: str
    severity: Severity
    basis: Basis | None
    citation: str | None
    standing: LineStanding
    sentence: str
    evidence: tuple[Proof, ...]


class Said(Struct, frozen=True):
    """What one need makes of the record."""

    standing: LineStanding
    sentence: str
    evidence: tuple[Proof, ...] = ()
    severity: Severity | None = None


class PlanView(Struct, frozen=True):
    """The infusion that is judged: `infusion` counts within the course, `first_on` is the course's first day.

    `source`: `asked` for by the question, `planned` by a recorded plan (`fact_id`), or else on the date judged.
    """

    on: date
    at: str | None
    source: Literal["asked", "planned", "judged"]
    fact_id: str | None
    course: int
    infusion: int
    first_on: date


class Readiness(Struct, frozen=True):
    plan: PlanView
    verdict: Verdict
    earliest_next_course_on: date | None
    lines: tuple[Line, ...]
