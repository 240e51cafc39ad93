"""Lists read ranges of indexes: what a list costs follows from its rows, not from all that is stored."""

import itertools
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, Integer, create_engine, event, literal, select, union_all

from services.monitoring.reading.clocks import Question
from services.monitoring.reading.cohort import first_page, next_page, summary
from services.monitoring.reading.cursor import read_cursor
from services.monitoring.reading.filters import SORTS, STANDINGS, Filters
from services.monitoring.reading.library import Library
from services.monitoring.reading.snapshot import snapshot
from services.monitoring.reading.standing import standing_on, stands
from services.monitoring.settings import Settings
from services.monitoring.store.tables import metadata, roll_up_span
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.cohorts import EDITIONS

NOW = datetime(2024, 11, 2, 12, tzinfo=UTC)
LIBRARY = Library(EDITIONS, "us", ManualClock(NOW))
QUESTIONS = (
    Question(),
    Question(date(2024, 9, 8)),
    Question(date(2024, 9, 8), datetime(2024, 9, 8, 12, tzinfo=UTC)),
    Question(date(2024, 9, 8), date(2024, 9, 8)),
    Question(None, datetime(2024, 10, 1, tzinfo=UTC)),
)
LISTS = (
    Filters(standing=("overdue",)),
    Filters(standing=("overdue",), sort="-due_on"),
    Filters(standing=("due", "upcoming"), requirement=("MON-01",)),
    Filters(sort="site"),
)


@pytest.mark.parametrize("cohort", ["sqlite"], indirect=True)  # PostgreSQL's plans depend on how much there is
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
@pytest.mark.parametrize("filters", LISTS, ids=str)
def test_no_list_reads_more_than_ranges_of_indexes_made_for_it(
    cohort: tuple[Database, Settings], filters: Filters, question: Question
) -> None:
    plan: list[str] = []

    def explain(connection: Connection, _: object, statement: str, given: object, *__: object) -> None:
        if "FROM roll_up_span" in statement:
            cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
            plan.extend(row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given))

    with snapshot(cohort[0]) as connection:
        event.listen(connection, "before_cursor_execute", explain)
        first_page(connection, LIBRARY, filters, question, 5)
        summary(connection, LIBRARY, filters, question)
    # The primary key gives the rest of the few rows that a page shows.
    read = [step for step in plan if " roll_up_span " in step and "autoindex" not in step]
    assert read
    assert all("USING COVERING INDEX roll_up_span_" in step for step in read), read


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("standing", [(), ("overdue",), ("due", "overdue")], ids=str)
def test_the_pages_of_a_walk_are_the_whole_list_in_its_order(
    cohort: tuple[Database, Settings], standing: tuple[str, ...], sort: str
) -> None:
    filters = Filters(standing=standing, sort=sort)  # type: ignore[arg-type]
    with snapshot(cohort[0]) as connection:
        whole = first_page(connection, LIBRARY, filters, QUESTIONS[1], 10_000)
        page = first_page(connection, LIBRARY, filters, QUESTIONS[1], 3)
        walked = list(page.obligations)
        while page.next_cursor:
            page = next_page(connection, LIBRARY, read_cursor(page.next_cursor), 3)
            walked += page.obligations
    assert walked == list(whole.obligations)
    assert whole.total == len(walked) > 3


def test_a_filter_for_standings_finds_the_rows_that_have_them() -> None:
    """Every state with every order of its dates about a day, and none."""
    days = (None, 9, 10, 11)
    states = ("not_applicable", "cancelled", "suspended", "waived", "declined", "open", "complete")
    on = literal(10, Integer)
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number, (state, *dates) in enumerate(itertools.product(states, days, days, days)):
            row = dict.fromkeys(("treatment", "site", "zone", "applicability", "tail"), "") | {"requirement": number}
            row |= dict.fromkeys(("known_from", "known_to", "on_from", "on_to", "block"), 0) | {"state": state}
            connection.execute(
                roll_up_span.insert().values(
                    **row, **dict(zip(("opens_on", "due_on", "closes_on"), dates, strict=True))
                )
            )
        said = {
            (row.requirement, row.standing)
            for row in connection.execute(select(roll_up_span.c.requirement, standing_on(on).label("standing")))
        }
        found = union_all(
            *(
                select(roll_up_span.c.requirement, literal(one).label("standing")).where(stands((one,), on, 10))
                for one in STANDINGS
            )
        )
        rows = [(row.requirement, row.standing) for row in connection.execute(found)]
    assert len(rows) == len(set(rows)) == len(said) == len(states) * 64
    assert set(rows) == said
