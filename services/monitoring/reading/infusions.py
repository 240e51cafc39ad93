"""What concerns the infusions of one treatment: what broke a rule (docs/contract.md §3.9)."""

from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import Judged, judge
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.found import Deviation
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.record import Record


class DeviationList(Struct, frozen=True):
    """By date, then rule; `on` is the date judged."""

    clocks: Clocks
    treatment: str
    on: date
    deviations: tuple[Deviation, ...]


def read_deviations(connection: Connection, library: Library, treatment: str, question: Question) -> DeviationList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    found = deviations(judged.edition.infusions.checks, story_of(judged))
    return DeviationList(judged.clocks, treatment, judged.assessment.on, found)


def story_of(judged: Judged) -> Story:
    return Story(Record(judged.facts), judged.edition.courses, judged.assessment.on)
