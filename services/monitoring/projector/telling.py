"""The slots that announcements look at, no more of them than needed: told from a fact's difference, or from a day.

R20 (overdue on discovery) is left out: no announcement carries it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from services.monitoring.rules.answers import Episode, Slot
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.edition import Grid
from services.monitoring.rules.evidence import Fill
from services.monitoring.rules.grid import Window, grid_windows
from services.monitoring.rules.slot import judged_slot
from services.monitoring.rules.treatment import Treatment
from services.monitoring.store.tables import NO_DAY

Filled = tuple[Window, Fill]
Calendar = list[tuple[int, Window]]


def differing(then: Chapter, now: Chapter, on: date, first: date | None) -> tuple[list[Slot], list[Slot]]:
    """The slots of a requirement without and with a fact, less those of which it says nothing new.

    `first` is the first date from which the fact can change an answer (None = any).
    """
    alike = then.around == now.around and then.applicability == now.applicability
    if alike and first is not None and then.background.episodes(on) == now.background.episodes(on):
        before, after = _reached(then, on, first), _reached(now, on, first)
    else:
        before, after = _filled(then, on), _filled(now, on)
    if alike:
        same = [key for key, one in before.items() if after.get(key) == one]
        for key in same:
            del before[key], after[key]
    return [_slot(then, *one, on) for one in before.values()], [_slot(now, *one, on) for one in after.values()]


def crossing(treatment: Treatment, since: date, through: date) -> list[Slot]:
    """The slots that open, fall due or close in (since, through], as they stand on `through`."""
    first, last = since.toordinal() + 1, through.toordinal()
    return [
        _slot(chapter, window, chapter.fill_of(window, through), through)
        for chapter in map(treatment.chapter, treatment.edition.requirements)
        for days in _calendars(chapter, through)
        for window in dict.fromkeys(w for _, w in days[_place(days, first) : _place(days, last + 1)])
    ]


def next_day(treatment: Treatment, requirements: Iterable[str], on: date) -> int:
    """The first day after `on` (an ordinal) on which a slot opens, falls due or closes: perhaps there is news."""
    tomorrow = on.toordinal() + 1
    calendars = [days for name in requirements for days in _calendars(treatment.chapter(name), on)]
    places = [(days, _place(days, tomorrow)) for days in calendars]
    return min((days[place][0] for days, place in places if place < len(days)), default=NO_DAY)


def _calendars(chapter: Chapter, on: date) -> Iterator[Calendar]:
    """The calendar of each episode that exists on `on`."""
    if chapter.applicability == "not_applicable":
        return
    timing = chapter.requirement.timing
    if not isinstance(timing, Grid):
        yield _calendar(tuple(window for window, _, _ in chapter.filled(on)))
    else:
        for one in chapter.background.episodes(on):
            yield _grid_calendar(timing, one.episode, one.anchor, one.ends_on)


@lru_cache(maxsize=4096)
def _grid_calendar(timing: Grid, episode: int, anchor: date, ends_on: date) -> Calendar:
    return _calendar(grid_windows(timing, Episode(episode, anchor, ends_on, ())))


@lru_cache(maxsize=4096)
def _calendar(windows: tuple[Window, ...]) -> Calendar:
    """The days on which a date announces — a window opens, is past due, is past its close — in order."""
    days = [
        (day, window)
        for window in windows
        for day in (
            window.opens_on.toordinal(),
            window.due_on.toordinal() + 1,
            NO_DAY if window.closes_on is None else window.closes_on.toordinal() + 1,
        )
        if day < NO_DAY
    ]
    return sorted(days, key=_day)


def _place(days: Calendar, first: int) -> int:
    return bisect_left(days, first, key=_day)


def _day(entry: tuple[int, Window]) -> int:
    return entry[0]


def _filled(chapter: Chapter, on: date) -> dict[tuple[int, str], Filled]:
    applies = chapter.applicability != "not_applicable"
    return {
        (window.episode, window.key): (window, filled)
        for window, filled, _ in chapter.filled(on)
        if applies or filled.completed_on is not None
    }


def _reached(chapter: Chapter, on: date, first: date) -> dict[tuple[int, str], Filled]:
    """As `_filled`, but on a grid only the windows that evidence dated in [first, on] can fill."""
    timing = chapter.requirement.timing
    if not isinstance(timing, Grid) or chapter.applicability == "not_applicable":
        return _filled(chapter, on)
    return {
        (window.episode, window.key): (window, chapter.fill_of(window, on))
        for episode in chapter.background.episodes(on)
        for window in grid_windows(timing, episode)
        if window.opens_on <= on and (window.closes_on is None or window.closes_on >= first)
    }


def _slot(chapter: Chapter, window: Window, filled: Fill, on: date) -> Slot:
    return judged_slot(
        chapter.requirement.id,
        chapter.obligation_id(window),
        chapter.applicability,
        window,
        filled,
        chapter.around,
        on,
        lambda _: False,
    )
