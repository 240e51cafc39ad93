"""What concerns infusions of one treatment: what broke a rule, is one ready (docs/contract.md §3.9–3.11)."""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import Judged, judge
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.found import Deviation
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.holds.find import holds
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.periods.find import periods
from services.monitoring.rules.periods.period import PeriodView
from services.monitoring.rules.readiness.judge import readiness
from services.monitoring.rules.readiness.line import Line, PlanView, Verdict
from services.monitoring.rules.record import Record


class DeviationList(Struct, frozen=True):
    """By date, then rule; `on` is the date judged."""

    clocks: Clocks
    treatment: str
    on: date
    deviations: tuple[Deviation, ...]


class HoldList(Struct, frozen=True):
    """Those in force first, then by the day they opened."""

    clocks: Clocks
    treatment: str
    on: date
    holds: tuple[Hold, ...]


class PeriodList(Struct, frozen=True):
    """In the order of the rules, then of the infusions; those that had begun by `on`."""

    clocks: Clocks
    treatment: str
    on: date
    periods: tuple[PeriodView, ...]


class ReadinessView(Struct, frozen=True):
    """One line per rule; `on` is the date up to which facts count, `plan` the infusion that is judged."""

    clocks: Clocks
    treatment: str
    on: date
    plan: PlanView
    verdict: Verdict
    earliest_next_course_on: date | None
    lines: tuple[Line, ...]


def read_deviations(connection: Connection, library: Library, treatment: str, question: Question) -> DeviationList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    found = deviations(judged.edition.infusions, judged.edition.requirements, story_of(judged))
    return DeviationList(judged.clocks, treatment, judged.assessment.on, found)


def read_holds(connection: Connection, library: Library, treatment: str, question: Question) -> HoldList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    on = judged.assessment.on
    found = holds(judged.edition.infusions.holds, Record(judged.facts), judged.assessment.roll_ups, on)
    return HoldList(judged.clocks, treatment, on, found)


def read_periods(connection: Connection, library: Library, treatment: str, question: Question) -> PeriodList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    found = periods(judged.edition.infusions.periods, story_of(judged))
    return PeriodList(judged.clocks, treatment, judged.assessment.on, found)


def read_readiness(
    connection: Connection, library: Library, treatment: str, question: Question, planned_at: datetime | None
) -> ReadinessView:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    edition, found = judged.edition, judged.assessment
    said = readiness(edition.infusions, edition.requirements, story_of(judged), found.roll_ups, planned_at)
    return ReadinessView(
        judged.clocks, treatment, found.on, said.plan, said.verdict, said.earliest_next_course_on, said.lines
    )


def story_of(judged: Judged) -> Story:
    return Story(Record(judged.facts), judged.edition.courses, judged.assessment.on)
