"""Yearly items: due a year after the last time, one obligation at a time (R21)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.belief import Waiver
from services.monitoring.rules.calendar import ONE_DAY, add_months
from services.monitoring.rules.edition import Rolling
from services.monitoring.rules.evidence import Finding
from services.monitoring.rules.grid import Window

FIRST = "after-first"


class Turn(NamedTuple):
    """One obligation of the chain and the exam that closed it, if one did."""

    window: Window
    closed_by: Finding | None


class _Open(NamedTuple):
    key: str
    due_on: date
    since: date


def rolling_turns(
    timing: Rolling,
    episode: Episode,
    next_anchor: date | None,
    exams: Sequence[Finding],
    waived_for_good: dict[str, date],
) -> Iterator[Turn]:
    """The chain of one episode. `exams` satisfy, by day; `waived_for_good` is by key, with the day of the waiver.

    An obligation due after the end is not made. Of several exams on one day the lowest version's names what follows.
    """
    days = {one.day: one for one in sorted(exams, reverse=True)}
    opens_before = timedelta(days=timing.opens_before_days)

    def window(at: _Open, closes_on: date | None) -> Window:
        return Window(episode.episode, at.key, None, at.due_on - opens_before, at.due_on, closes_on)

    at = _first(timing, episode, [day for day in days if day <= episode.anchor], days)
    for day in sorted(day for day in days if episode.anchor < day and (next_anchor is None or day < next_anchor)):
        waived, at = _waived(timing, episode, at, waived_for_good, day)
        yield from (Turn(window(one, None), None) for one in waived)
        if at.due_on <= episode.ends_on:
            yield Turn(window(at, None), days[day])
        at = _Open(f"after-{days[day].root}", add_months(day, timing.every_months), day)
    waived, at = _waived(timing, episode, at, waived_for_good, next_anchor)
    yield from (Turn(window(one, None), None) for one in waived)
    if at.due_on <= episode.ends_on:
        yield Turn(window(at, next_anchor - ONE_DAY if next_anchor else None), None)


def waived_for_good(waivers: Sequence[Waiver], death: date | None, prefix: str, on: date) -> dict[str, date]:
    """The obligations, by key, that a waiver by id without expiry closes; `prefix` is their id up to the key.

    From the date of death on there is nothing left to close.
    """
    found: dict[str, date] = {}
    for one in sorted(waivers, key=lambda waiver: waiver.day):
        if not one.for_good or one.day > on or (death is not None and one.day >= death):
            continue
        if one.obligation_id and one.obligation_id.startswith(prefix):
            found.setdefault(one.obligation_id.removeprefix(prefix), one.day)
    return found


def _first(timing: Rolling, episode: Episode, before: list[date], days: dict[date, Finding]) -> _Open:
    if not before:
        return _Open(FIRST, add_months(episode.anchor, timing.every_months), episode.anchor)
    last = max(before)
    due = max(episode.anchor, add_months(last, timing.every_months))
    return _Open(f"after-{days[last].root}", due, episode.anchor)


def _waived(
    timing: Rolling, episode: Episode, at: _Open, for_good: dict[str, date], before: date | None
) -> tuple[list[_Open], _Open]:
    """Obligations that a waiver closed before the day of the next exam or episode, and the one that is open then."""
    closed = []
    while at.due_on <= episode.ends_on and at.key in for_good:
        closing = max(for_good[at.key], at.since)
        if before is not None and closing >= before:  # evidence beats a waiver, and what is missed stays so
            break
        closed.append(at)
        at = _Open(f"{at.key}.w1", add_months(at.due_on, timing.every_months), closing)
    return closed, at
