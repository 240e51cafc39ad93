"""Fixed due dates counted from the anchor, and the windows that partition time between them (R10–R12)."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.calendar import ONE_DAY, add_months
from services.monitoring.rules.edition import Grid


class Window(NamedTuple):
    """When one obligation of an episode can be met; `key` is the end of its id, `closes_on` None = never closes."""

    episode: int
    key: str
    slot: int | None
    opens_on: date
    due_on: date
    closes_on: date | None

    @property
    def close_out(self) -> bool:
        return self.key == CLOSE_OUT


CLOSE_OUT = "close-out"


@lru_cache(maxsize=4096)
def _windows(timing: Grid, episode: int, anchor: date, ends_on: date) -> tuple[Window, ...]:
    return tuple(_laid_out(timing, episode, anchor, ends_on))


@lru_cache(maxsize=4096)
def _by_key(timing: Grid, episode: int, anchor: date, ends_on: date) -> dict[str, Window]:
    return {window.key: window for window in _windows(timing, episode, anchor, ends_on)}


def windows_by_key(timing: Grid, episode: Episode) -> dict[str, Window]:
    """The same windows by key; one shared object for equal episodes."""
    return _by_key(timing, episode.episode, episode.anchor, episode.ends_on)


def grid_windows(timing: Grid, episode: Episode) -> tuple[Window, ...]:
    """Every window of an episode in due order, the close-out window last when there is one."""
    return _windows(timing, episode.episode, episode.anchor, episode.ends_on)


def _laid_out(timing: Grid, episode: int, anchor: date, ends_on: date) -> Iterator[Window]:
    """Always counted from the anchor, so that a month's end does not drift (traps: Jan 31, Feb 29, Mar 31)."""
    early = timedelta(days=timing.early_days)
    number = 1
    due = add_months(anchor, timing.every_months)
    while due <= ends_on:
        following = add_months(anchor, (number + 1) * timing.every_months)
        closes = following - early - ONE_DAY
        last = following > ends_on
        close_out = last and (ends_on - due).days >= timing.close_out_from_days
        if close_out:
            closes = ends_on - early - ONE_DAY
        yield Window(episode, f"s{number}", number, due - early, due, closes)
        if close_out:
            closes = add_months(ends_on, timing.every_months) - early - ONE_DAY
            yield Window(episode, CLOSE_OUT, None, ends_on - early, ends_on, closes)
        number += 1
        due = following
