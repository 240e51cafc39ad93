"""R1 where the questions are asked: a known_at that is only a date, and an `on` that is left out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.monitoring.reading.clocks import Question
from services.monitoring.reading.filters import Filters
from services.monitoring.reading.library import open_library
from services.monitoring.reading.reader import Reader
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import opened, projector
from tests.scenario import Scenario, treated


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with opened(f"sqlite:///{tmp_path}/monitoring.db") as database:
        yield database


def line(
    store: Database, t: Scenario, question: Question, now: datetime = datetime(2030, 1, 1, tzinfo=UTC)
) -> tuple[str, str]:
    """(standing, on) of the CBC in the worklist and, the same, in the treatment's own list."""
    reader = Reader(store, open_library("us", ManualClock(now)))
    (row,) = reader.cohort(Filters(treatment=(t.treatment,), requirement=("MON-01",)), question).obligations
    (same,) = [one for one in reader.treatment(t.treatment, question).obligations if one.requirement == "MON-01"]
    assert same == row
    return row.standing, str(row.on)


def test_R1_a_date_known_at_is_the_end_of_that_day_where_the_treatment_was_opened(store: Database) -> None:
    """The zone of the opening, although a later fact corrects it: what was asked once must not change its meaning."""
    t = treated(zone="Asia/Tokyo")
    t.cbc("2024-06-10", known="2024-06-11T23:59:59+09:00")
    t.demographics(zone="America/New_York", known="2024-06-20")
    projector(store).project(Logbook(t.facts).deliveries)

    def known(day: int) -> str:
        return line(store, t, Question(date(2024, 6, 16), date(2024, 6, day)))[0]

    assert (known(10), known(11)) == ("overdue", "upcoming")


def test_R1_a_fact_recorded_at_the_next_midnight_is_not_known_on_that_date(store: Database) -> None:
    t = treated(zone="Asia/Tokyo")
    t.cbc("2024-06-10", known="2024-06-12T00:00:00+09:00")
    projector(store).project(Logbook(t.facts).deliveries)

    asked = [line(store, t, Question(date(2024, 6, 16), date(2024, 6, day)))[0] for day in (11, 12)]
    assert asked == ["overdue", "upcoming"]


def test_R1_without_on_each_treatment_is_judged_on_its_own_today(store: Database) -> None:
    east, west = treated(name="east", zone="Pacific/Kiritimati"), treated(name="west", zone="America/Los_Angeles")
    projector(store).project(Logbook(east.facts, west.facts).deliveries)
    now = datetime(2024, 6, 15, 12, tzinfo=UTC)

    assert line(store, east, Question(), now) == ("overdue", "2024-06-16")
    assert line(store, west, Question(), now) == ("due", "2024-06-15")
