"""A block is found from every point of its interval, and rows of before there were blocks get theirs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.store.blocks import DAYS, INSTANTS, block, blocks_around
from services.monitoring.store.tables import roll_up_span
from shared import migrations
from shared.database import Database
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import opened, projector, rows
from tests.scenario import treated

_EARLIEST, _LATEST = -2_208_988_800_000_000, 253_402_300_799_999_999  # the years 1900 and 9999, in microseconds


@given(st.lists(st.integers(_EARLIEST, _LATEST), min_size=3, max_size=3).map(sorted))
def test_an_interval_is_in_one_of_the_blocks_around_each_of_its_points(interval: list[int]) -> None:
    first, point, last = interval
    assert block(first, last) in blocks_around(point, INSTANTS)


@given(st.lists(st.integers(1, 3_999_999), min_size=3, max_size=3).map(sorted))
def test_so_is_an_interval_of_days(interval: list[int]) -> None:
    first, point, last = interval
    assert block(first, last) in blocks_around(point, DAYS)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_no_two_blocks_share_a_number(first: int, length: int, other: int) -> None:
    mine = block(first, first + length)
    whole = {point for point in range(200) if mine in blocks_around(point, DAYS)}
    assert {first, first + length} <= whole
    assert len(whole) & (len(whole) - 1) == 0
    assert (mine in blocks_around(other, DAYS)) == (other in whole)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    sqlite = request.param == "sqlite"
    with opened(f"sqlite:///{tmp_path}/m.db" if sqlite else request.getfixturevalue("postgres_url")) as database:
        yield database


def test_rows_of_the_version_before_get_the_blocks_that_they_would_be_written_with(store: Database) -> None:
    projector(store).project(Logbook(treated("2024-05-15").facts).deliveries)
    written = rows(store, roll_up_span)
    assert len({row[-1] for row in written}) > 5
    with store.write() as connection:
        _back_to_0002(connection)
    with store.write() as connection:
        migrations.upgrade(connection, "monitoring")
    assert rows(store, roll_up_span) == written


def _back_to_0002(connection: Any) -> None:
    scripts = migrations._scripts("monitoring")

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return scripts._downgrade_revs("0002", revision)

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()
