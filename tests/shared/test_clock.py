"""A manual clock stands still, moves forward, and never back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.clock import EPOCH, ClockBackwards, ManualClock, SystemClock

NOON = datetime(2024, 6, 10, 12, tzinfo=UTC)


def test_a_manual_clock_starts_at_1970_and_stands_still() -> None:
    clock = ManualClock()
    assert clock.now() == clock.now() == EPOCH


def test_it_moves_to_where_it_is_set_in_utc() -> None:
    clock = ManualClock()
    assert clock.set(datetime(2024, 6, 10, 8, tzinfo=timezone(timedelta(hours=-4)))) == NOON == clock.now()
    assert clock.now().tzinfo is UTC
    assert clock.set(NOON) == NOON


def test_it_does_not_move_back() -> None:
    clock = ManualClock(NOON)
    with pytest.raises(ClockBackwards):
        clock.set(NOON - timedelta(microseconds=1))
    assert clock.now() == NOON


def test_the_systems_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.now() >= datetime(2024, 1, 1, tzinfo=UTC)
