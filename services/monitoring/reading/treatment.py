"""One treatment at a glance: its episodes, its courses and the roll-up of each requirement (docs/contract.md §3.3)."""

from datetime import date

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import judge
from services.monitoring.rules.answers import Course, Episode, RollUp


class CourseView(Struct, frozen=True):
    """Infusions grouped; `total_mg` is whole where the doses are."""

    course: int
    infusions: int
    first_on: date
    last_on: date
    total_mg: int | float


class EpisodeView(Struct, frozen=True):
    """`anchor` is the first infusion's date, `ends_on` the last day of monitoring."""

    episode: int
    anchor: date
    ends_on: date
    courses: tuple[CourseView, ...]


class TreatmentView(Struct, frozen=True):
    """`version` is the highest treatment version counted."""

    clocks: Clocks
    treatment: str
    version: int
    protocol: str
    site: str
    zone: str
    sex: str
    episodes: tuple[EpisodeView, ...]
    obligations: tuple[RollUp, ...]


def read_treatment(connection: Connection, library: Library, treatment: str, question: Question) -> TreatmentView:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    found = judged.assessment
    return TreatmentView(
        judged.clocks,
        found.treatment,
        found.version,
        found.protocol,
        found.site,
        found.zone,
        found.sex,
        tuple(episode_view(episode) for episode in found.episodes),
        tuple(row for row in found.roll_ups if row.standing != "not_applicable"),
    )


def episode_view(episode: Episode) -> EpisodeView:
    """As answers show it."""
    return EpisodeView(episode.episode, episode.anchor, episode.ends_on, tuple(map(_course, episode.courses)))


def _course(course: Course) -> CourseView:
    total = int(course.total_mg) if float(course.total_mg).is_integer() else course.total_mg
    return CourseView(course.course, course.infusions, course.first_on, course.last_on, total)
