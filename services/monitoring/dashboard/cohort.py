"""Everything the worklist shows, read in one transaction: rows, totals and the picture of each patient shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from services.monitoring.dashboard.asked import Asked
from services.monitoring.dashboard.lines import Lines
from services.monitoring.dashboard.strip import Strip, strip
from services.monitoring.dashboard.words import month
from services.monitoring.dashboard.worklist import Group, Tier, groups, patients_by_requirement, tiers
from services.monitoring.reading.clocks import Clocks
from services.monitoring.reading.cohort import summary, whole_list
from services.monitoring.reading.filters import Filters
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import judge
from services.monitoring.reading.waiting import waiting
from services.monitoring.rules.answers import Assessment

_SOON = 7  # days


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands beside one patient's name."""

    course: str
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """`found` and `of` are the numbers of the headline; `overdue` counts patients whatever the filters.

    `waiting` are treatments of which a fact is missing at this moment.
    """

    clocks: Clocks
    groups: tuple[Group, ...]
    found: int
    of: int
    overdue: int
    due_soon: int
    soon_before: date
    tiers: tuple[Tier, ...]
    by_requirement: tuple[tuple[str, str, int], ...]
    any_requirement: int
    sites: tuple[str, ...]
    patients: dict[str, Shown]
    waiting: frozenset[str]


def cohort(connection: Connection, library: Library, lines: Lines, asked: Asked, on: date) -> Cohort:
    """`on` is the page's date, for what is due soon."""
    question, filters = asked.question, asked.filters
    clocks, found = whole_list(connection, library, filters, question)
    rows = list(found)
    grouped = groups(rows, lines, everything=asked.whole)
    shown = [row.treatment for group in grouped for row in group.rows]
    everyone = Filters(site=asked.site)
    overdue = replace(everyone, standing=("overdue",), min_days_overdue=asked.min_days)
    late = list(whole_list(connection, library, overdue, question)[1])
    in_filter = [row for row in late if not asked.requirement or row.requirement in asked.requirement]
    soon_before = on + timedelta(days=_SOON + 1)
    soon = replace(
        everyone,
        standing=("due", "upcoming"),
        requirement=asked.requirement,
        due_before=soon_before.toordinal(),
    )
    whole = summary(connection, library, Filters(), question)
    return Cohort(
        clocks=clocks,
        groups=grouped,
        found=sum(group.total for group in grouped),
        of=summary(connection, library, everyone, question).treatments if asked.site else whole.treatments,
        overdue=summary(connection, library, Filters(standing=("overdue",)), question).treatments,
        due_soon=summary(connection, library, soon, question).treatments,
        soon_before=soon_before,
        tiers=tiers(in_filter),
        by_requirement=patients_by_requirement(late, lines),
        any_requirement=len({row.treatment for row in late}),
        sites=tuple(whole.by_site),
        patients=_patients(connection, library, lines, asked, shown),
        waiting=waiting(connection),
    )


def _patients(
    connection: Connection, library: Library, lines: Lines, asked: Asked, treatments: Sequence[str]
) -> dict[str, Shown]:
    judged = (judge(connection, library, treatment, asked.question).assessment for treatment in treatments)
    return {one.treatment: Shown(_course(one), strip(one.slots, lines, one.on)) for one in judged}


def _course(judged: Assessment) -> str:
    """ "course 2, Mar 2024"."""
    courses = [course for episode in judged.episodes for course in episode.courses]
    return f"course {courses[-1].course}, {month(courses[-1].first_on)}" if courses else "no infusion"
