"""What concerns infusions of one treatment: what broke a rule, what holds the next one (docs/contract.md §3.9–3.11)."""

from datetime import date

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


def read_deviations(connection: Connection, library: Library, treatment: str, question: Question) -> DeviationList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    found = deviations(judged.edition.infusions.checks, story_of(judged))
    return DeviationList(judged.clocks, treatment, judged.assessment.on, found)


def read_holds(connection: Connection, library: Library, treatment: str, question: Question) -> HoldList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    on = judged.assessment.on
    found = holds(judged.edition.infusions.holds, Record(judged.facts), judged.assessment.roll_ups, on)
    return HoldList(judged.clocks, treatment, on, found)


def story_of(judged: Judged) -> Story:
    return Story(Record(judged.facts), judged.edition.courses, judged.assessment.on)
