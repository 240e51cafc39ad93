"""Roll-ups for every date at once: stretches of `on` in which only the calendar moves, and the answer within one.

A stretch keeps in its tail what the dates in it can still see: the counts and the debt that closed slots left behind,
the grid from the first open slot on, and the slots that are not as bare as the grid makes them. The answer is then
judged by the same functions that judge a whole treatment.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from services.monitoring.rules.answers import Counts, RollUp, Span
from services.monitoring.rules.calendar import day_after
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.edition import Edition, Grid
from services.monitoring.rules.evidence import first_shown
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import grid_windows
from services.monitoring.rules.roll_up import WITHOUT_DATES, Owed, Run, line, run_of
from services.monitoring.rules.tail import Tail, remaining, tail_of
from services.monitoring.rules.treatment import Treatment


def spans(edition: Edition, facts: Iterable[Fact], requirement: str, from_on: date | None = None) -> tuple[Span, ...]:
    """The roll-up of a requirement for every `on` (from `from_on`) on which the treatment has an episode."""
    return spans_of(Treatment(edition, facts), requirement, from_on)


def spans_of(treatment: Treatment, requirement: str, from_on: date | None = None) -> tuple[Span, ...]:
    """As `spans`, for a treatment whose facts have been read already."""
    chapter = treatment.chapter(requirement)
    if chapter.silent:
        return ()
    turning_points = sorted(_turning_points(chapter, from_on or date.min))
    if from_on is not None:
        turning_points = [from_on, *turning_points[bisect_right(turning_points, from_on) :]]
    found: list[Span] = []
    for place, start in enumerate(turning_points):
        end = turning_points[place + 1] if place + 1 < len(turning_points) else None
        if chapter.exists(start):
            found.extend(_stretch(chapter, start, end))
    return tuple(found)


def answer(edition: Edition, span: Span, treatment: str, on: date) -> RollUp:
    """The roll-up that a span holds for `on`, a date within it."""
    requirement = edition.requirements[span.requirement]
    tail = msgspec.convert(span.tail, Tail)
    counts = Counts(*tail.counts)
    if span.state in {"not_applicable", "cancelled", "complete"}:
        run = Run(None, None, counts, None)
    else:
        owed = tail.owed and Owed(date.fromordinal(tail.owed[0]), date.fromordinal(tail.owed[1]), tail.owed[2])
        run = run_of(remaining(requirement, span, tail, treatment, on), tail.episode, on, owed, counts)
    return line(requirement, treatment, span.site, on, span.applicability, span.state, run, span.closes_on)


def _turning_points(chapter: Chapter, after: date) -> set[date]:
    """The dates on which something other than the calendar can move the roll-up."""
    points = set(chapter.background.days)
    points.update(one.day for one in chapter.around.waivers)
    points.update(day_after(one.until) for one in chapter.around.waivers if one.until and one.until < date.max)
    points.update(_telling_days(chapter, after))
    points.update(one.day for one in chapter.events)
    periods = chapter.background.episodes(date.max)
    if isinstance(timing := chapter.requirement.timing, Grid):
        for episode in periods[:-1]:
            points.update(
                day_after(one.closes_on) for one in grid_windows(timing, episode)[-2:] if one.closes_on is not None
            )
    return points


def _telling_days(chapter: Chapter, after: date) -> Iterator[date]:
    """The days of findings that fill something which no earlier one had filled."""
    timing = chapter.requirement.timing
    later = chapter.findings[bisect_right(chapter.findings, after, key=lambda one: one.day) :]
    days = {one.day for one in later if one.satisfies}
    if not isinstance(timing, Grid):
        yield from days
        return
    for day in days:
        for episode in chapter.background.episodes(day):
            windows = grid_windows(timing, episode)
            place = bisect_right(windows, day, key=lambda one: one.opens_on) - 1
            if place < 0 or (closes_on := windows[place].closes_on) is None or day > closes_on:
                continue
            start = bisect_left(chapter.findings, windows[place].opens_on, key=lambda one: one.day)
            shown = chapter.findings[start : bisect_right(chapter.findings, day, key=lambda one: one.day)]
            if any(one.day == day for one in first_shown(shown).values()):
                yield day


def _stretch(chapter: Chapter, start: date, end: date | None) -> Iterator[Span]:
    """One span; two where nothing is owed but the last window is still open, since its closing day ends the matter."""
    closes_on = chapter.closes_on(start)
    run = chapter.run(start)
    state = run.state(chapter.applicability, chapter.around, closes_on, start)
    whole = chapter.around.waived_whole(start)
    if closes_on is not None and (state == "complete" or (state == "waived" and not whole)):
        after = day_after(closes_on)
        if end is None or after < end:
            yield from _stretch(chapter, start, after)
            yield from _stretch(chapter, after, end)
            return
    dated = run.owed is not None and state not in WITHOUT_DATES
    yield Span(
        requirement=chapter.requirement.id,
        on_from=start,
        on_to=end,
        site=chapter.background.site(start),
        zone=chapter.background.who.zone,
        applicability=chapter.applicability,
        state=state,
        opens_on=run.owed.opens_on if run.owed and dated else None,
        due_on=run.owed.due_on if run.owed and dated else None,
        closes_on=closes_on,
        tail=msgspec.to_builtins(tail_of(chapter, start, run, state, whole=whole)),
    )
