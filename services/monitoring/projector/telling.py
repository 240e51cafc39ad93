"""The slots that announcements look at, no more of them than needed: told from a fact's difference, or from a day.

R20 (overdue on discovery) is left out: no announcement carries it.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from services.monitoring.rules.answers import Slot
from services.monitoring.rules.evidence import Fill
from services.monitoring.rules.grid import Window
from services.monitoring.rules.slot import judged_slot
from services.monitoring.rules.treatment import Chapter, Treatment
from services.monitoring.store.tables import NO_DAY

Filled = tuple[Window, Fill]


def differing(then: Chapter, now: Chapter, on: date) -> tuple[list[Slot], list[Slot]]:
    """The slots of a requirement without and with a fact, less those of which it says nothing new."""
    before, after = _filled(then, on), _filled(now, on)
    if then.around == now.around and then.applicability == now.applicability:
        same = [key for key, one in before.items() if after.get(key) == one]
        for key in same:
            del before[key], after[key]
    return [_slot(then, *one, on) for one in before.values()], [_slot(now, *one, on) for one in after.values()]


def crossing(treatment: Treatment, since: date, through: date) -> list[Slot]:
    """The slots that open, fall due or close in (since, through], as they stand on `through`."""
    return [
        _slot(chapter, window, filled, through)
        for chapter, window, filled in _waiting(treatment, treatment.edition.requirements, through, since)
        if any(since.toordinal() < day <= through.toordinal() for day in _days(window))
    ]


def next_day(treatment: Treatment, requirements: Iterable[str], on: date) -> int:
    """The first day after `on` (an ordinal) on which a slot that is not filled opens, falls due or closes."""
    today = on.toordinal()
    days = (day for _, window, _ in _waiting(treatment, requirements, on, on) for day in _days(window) if day > today)
    return min(days, default=NO_DAY)


def _waiting(
    treatment: Treatment, requirements: Iterable[str], on: date, since: date
) -> Iterator[tuple[Chapter, Window, Fill]]:
    for name in requirements:
        chapter = treatment.chapter(name)
        if chapter.applicability != "not_applicable":
            for window, filled, _ in chapter.filled(on):
                if filled.completed_on is None or filled.completed_on > since:
                    yield chapter, window, filled


def _filled(chapter: Chapter, on: date) -> dict[tuple[int, str], Filled]:
    applies = chapter.applicability != "not_applicable"
    return {
        (window.episode, window.key): (window, filled)
        for window, filled, _ in chapter.filled(on)
        if applies or filled.completed_on is not None
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


def _days(window: Window) -> tuple[int, int, int]:
    """The days on which a date announces: it opens, it is past due, it is past its close."""
    closes = NO_DAY if window.closes_on is None else window.closes_on.toordinal() + 1
    return window.opens_on.toordinal(), window.due_on.toordinal() + 1, closes
