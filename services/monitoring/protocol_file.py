"""What a protocol writes, as one shape: its rules, and the worked examples that show what they mean."""

from datetime import date, datetime
from typing import Any

from msgspec import Struct

from services.monitoring.rules.deviations.kinds import Check
from services.monitoring.rules.edition import Courses, Requirement
from services.monitoring.rules.holds.kinds import HoldRule
from services.monitoring.rules.periods.kinds import Period
from services.monitoring.rules.readiness.kinds import Prerequisite
from services.monitoring.rules.scenes import Scene


class ExampleSpecimen(Struct, frozen=True, forbid_unknown_fields=True):
    on: date
    loinc: tuple[str, ...]


class ExampleExam(Struct, frozen=True, forbid_unknown_fields=True):
    on: date
    exam: str


class ExampleFact(Struct, frozen=True, forbid_unknown_fields=True):
    """Any other fact: its type and data as the course service takes them; `recorded` if later than it happened.

    `name` stands for its id in an expected obligation: `for-{name}`.
    """

    at: datetime
    type: str
    data: dict[str, Any] = {}
    name: str | None = None
    recorded: datetime | None = None


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """What one slot must say; the obligation is named without its treatment, the nth exam as `exam-n`."""

    obligation: str
    due: date
    standing: str
    opens: date | None = None
    closes: date | None = None
    missing: tuple[str, ...] | None = None


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A worked example of a protocol file: a history, the day it is judged, and what the rules must say."""

    why: str
    infusions: tuple[date, ...]
    on: date
    expect: tuple[Expectation, ...]
    specimens: tuple[ExampleSpecimen, ...] = ()
    exams: tuple[ExampleExam, ...] = ()
    facts: tuple[ExampleFact, ...] = ()
    absent: tuple[str, ...] = ()


class Aside(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of the monograph or a label that this software does not carry out, and why."""

    id: str
    title: str
    why: str


class ProtocolFile(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={
        "requirements": "requirement",
        "examples": "example",
        "checks": "check",
        "holds": "hold",
        "prerequisites": "prerequisite",
        "periods": "period",
        "asides": "aside",
        "scenes": "scene",
    },
):
    edition: str
    title: str
    profiles: tuple[str, ...]
    default_profile: str
    courses: Courses
    requirements: tuple[Requirement, ...]
    examples: tuple[Example, ...] = ()
    checks: tuple[Check, ...] = ()
    holds: tuple[HoldRule, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    periods: tuple[Period, ...] = ()
    asides: tuple[Aside, ...] = ()
    scenes: tuple[Scene, ...] = ()

    @property
    def protocol(self) -> str:
        """Which protocol it is an edition of: the name before the sign."""
        return self.edition.partition("@")[0]
