"""A page says up to when the log is counted, and doubts itself where that is too long ago."""

from datetime import UTC, datetime, timedelta

import pytest

from services.monitoring.dashboard.asked import Asked
from services.monitoring.dashboard.frame import frame
from services.monitoring.reading.clocks import Clocks

THROUGH = datetime(2026, 5, 12, 8, 10, tzinfo=UTC)
CLOCKS = Clocks(None, None, THROUGH.isoformat(), "alemtuzumab-ms@2024-01", "9f2c", "us", "k7-1042")


def behind(late_by: timedelta, **said: bool) -> str:
    return frame(Asked(), CLOCKS, THROUGH + late_by, "UTC", "", "/", **said).behind


@pytest.mark.parametrize(("late_by", "words"), [(timedelta(minutes=2), ""), (timedelta(minutes=3), "12 May 2026")])
def test_a_page_is_behind_when_the_log_was_last_heard_more_than_two_minutes_ago(late_by: timedelta, words: str) -> None:
    assert behind(late_by).replace("\u00a0", " ").startswith(words)
    assert bool(behind(late_by)) is bool(words)


def test_by_a_clock_that_is_set_by_hand_no_page_is_behind() -> None:
    assert behind(timedelta(days=3), ticking=False) == ""
