"""Roll-ups for every date at once: stretches of `on` in which only the calendar moves, and the answer within one.

A stretch keeps in its tail what the dates in it can still see: the counts and the debt that closed slots left behind,
the grid from the first open slot on, and the slots that are not as bare as the grid makes them. The answer is then
judged by the same functions that judge a whole treatment.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from services.monitoring.rules.answers import Counts, Episode, RollUp, Slot, Span
from services.monitoring.rules.belief import Waiver
from services.monitoring.rules.calendar import day_after
from services.monitoring.rules.circumstances import Circumstances
from services.monitoring.rules.edition import Edition, Grid, Requirement, component_names
from services.monitoring.rules.evidence import Fill, empty, first_shown
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window, grid_windows
from services.monitoring.rules.roll_up import COUNTED, SATISFIED, WITHOUT_DATES, Owed, Run, line, run_of
from services.monitoring.rules.slot import judged_slot
from services.monitoring.rules.treatment import Chapter, Treatment


class _Held(NamedTuple):
    """A slot of the stretch that is not bare: filled, partly filled, waived by its id, on discovery, or of no grid."""

    window: Window
    fill: Fill
    waived: bool
    on_discovery: bool


class _Tail(msgspec.Struct, frozen=True, omit_defaults=True):
    """Days are ordinals. `grid` is (anchor, end, place of the first open window); `owed` (opens, due, on discovery)."""

    since: int
    episode: int
    counts: tuple[int, ...] = (0, 0, 0, 0, 0)
    owed: tuple[int, int, bool] | None = None
    grid: tuple[int, int, int] | None = None
    held: tuple[tuple[Any, ...], ...] = ()
    whole: bool = False  # the requirement itself is waived


def spans(edition: Edition, facts: Iterable[Fact], requirement: str, from_on: date | None = None) -> tuple[Span, ...]:
    """The roll-up of a requirement for every `on` (from `from_on`) on which the treatment has an episode."""
    return spans_of(Treatment(edition, facts), requirement, from_on)


def spans_of(treatment: Treatment, requirement: str, from_on: date | None = None) -> tuple[Span, ...]:
    """As `spans`, for a treatment whose facts have been read already."""
    chapter = treatment.chapter(requirement)
    turning_points = sorted(_turning_points(chapter, from_on or date.min))
    if from_on is not None:
        turning_points = [from_on, *turning_points[bisect_right(turning_points, from_on) :]]
    found: list[Span] = []
    for place, start in enumerate(turning_points):
        end = turning_points[place + 1] if place + 1 < len(turning_points) else None
        if treatment.episodes(start):
            found.extend(_stretch(chapter, start, end))
    return tuple(found)


def answer(edition: Edition, span: Span, treatment: str, on: date) -> RollUp:
    """The roll-up that a span holds for `on`, a date within it."""
    requirement = edition.requirements[span.requirement]
    tail = msgspec.convert(span.tail, _Tail)
    counts = Counts(*tail.counts)
    if span.state in {"not_applicable", "cancelled", "complete"}:
        run = Run(None, None, counts, None)
    else:
        owed = tail.owed and Owed(date.fromordinal(tail.owed[0]), date.fromordinal(tail.owed[1]), tail.owed[2])
        run = run_of(_remaining(requirement, span, tail, treatment, on), tail.episode, on, owed, counts)
    return line(requirement, treatment, span.site, on, span.applicability, span.state, run, span.closes_on)


def _turning_points(chapter: Chapter, after: date) -> set[date]:
    """The dates on which something other than the calendar can move the roll-up."""
    belief = chapter.treatment.belief
    points = {one.first for one in belief.infusions}
    points.update(one.stopped[0] for one in belief.infusions if one.stopped)
    points.update(one[0] for one in belief.transfers)
    points.update(one.day for one in belief.refusals)
    points.update(one.day for one in chapter.around.waivers)
    points.update(day_after(one.until) for one in chapter.around.waivers if one.until and one.until < date.max)
    if belief.death is not None:
        points.add(belief.death)
    points.update(_telling_days(chapter, after))
    periods = chapter.treatment.episodes(date.max)
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
        for episode in chapter.treatment.episodes(day):
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
    treatment = chapter.treatment
    closes_on = chapter.closes_on(start)
    run = chapter.run(start)
    state = run.state(chapter.applicability, chapter.around, closes_on, start)
    whole = chapter.around.waived_whole(start)
    if closes_on is not None and closes_on >= start and (state == "complete" or (state == "waived" and not whole)):
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
        site=treatment.belief.site(start),
        zone=treatment.belief.who.zone,
        applicability=chapter.applicability,
        state=state,
        opens_on=run.owed.opens_on if run.owed and dated else None,
        due_on=run.owed.due_on if run.owed and dated else None,
        closes_on=closes_on,
        tail=msgspec.to_builtins(_tail(chapter, start, run, state, whole=whole)),
    )


def _tail(chapter: Chapter, start: date, run: Run, state: str, *, whole: bool) -> _Tail:
    episode = chapter.treatment.episodes(start)[-1]
    since = start.toordinal()
    if state in {"not_applicable", "cancelled", "complete"}:
        return _Tail(since, episode.episode, _numbers(run.counts))
    grid = isinstance(chapter.requirement.timing, Grid)
    closed: list[Slot] = []
    held: list[_Held] = []
    for window, filled, _ in chapter.filled(start):
        if grid and _bare_from(window, chapter, start):
            break
        slot = chapter.judge(window, filled, start)
        newest = window.episode == episode.episode
        if _settled(slot, start) or not (grid or newest):
            closed.extend([slot] if newest else [])
            held = held if grid else []
            continue
        waived = chapter.around.waived(slot.obligation_id, start) and not whole
        discovered = chapter.treatment.history.on_discovery(chapter.requirement, window, start)
        of_grid = grid and newest and len(filled.missing) == len(chapter.components)
        if not of_grid or waived or discovered:
            held.append(_Held(window, filled, waived, discovered))
    past = run_of(closed, episode.episode, start, None, Counts())
    return _Tail(
        since,
        episode.episode,
        _numbers(past.counts),
        (past.owed.opens_on.toordinal(), past.owed.due_on.toordinal(), past.owed.on_discovery) if past.owed else None,
        (episode.anchor.toordinal(), episode.ends_on.toordinal(), len(closed)) if grid else None,
        tuple(_written(one) for one in held),
        whole,
    )


def _settled(slot: Slot, start: date) -> bool:
    """Closed for good: its window is past, or it never closes and is done."""
    return slot.standing in SATISFIED if slot.closes_on is None else slot.closes_on < start


def _bare_from(window: Window, chapter: Chapter, start: date) -> bool:
    """Neither this window nor one after it holds anything that the grid alone does not say."""
    bare = window.opens_on > start and window.due_on >= chapter.treatment.history.last_made
    return bare and not chapter.around.waivers


def _remaining(requirement: Requirement, span: Span, tail: _Tail, treatment: str, on: date) -> Iterator[Slot]:
    """The slots that a span's dates can still see, as they stand on `on`."""
    since = date.fromordinal(tail.since)
    components = component_names(requirement)
    held = {(one.window.episode, one.window.key): one for one in map(_read, tail.held)}
    prefix = f"{treatment}.{requirement.id}.e"
    waivers = [
        Waiver(since, None, f"{prefix}{episode}.{key}", None) for (episode, key), one in held.items() if one.waived
    ]
    if tail.whole:
        waivers.append(Waiver(since, None, None, requirement.id))
    around = Circumstances(
        absences=((since, None),) if span.state == "suspended" else (),
        refusals=((since, None),) if span.state == "declined" else (),
        waivers=tuple(waivers),
    )
    bare = empty(components)

    def on_discovery(window: Window) -> bool:
        one = held.get((window.episode, window.key))
        return one is not None and one.on_discovery

    for window in _windows(requirement, tail, held, on):
        one = held.get((window.episode, window.key))
        yield judged_slot(
            requirement.id,
            f"{prefix}{window.episode}.{window.key}",
            span.applicability,
            window,
            one.fill if one else bare,
            around,
            on,
            on_discovery,
        )


def _windows(requirement: Requirement, tail: _Tail, held: Mapping[Any, _Held], on: date) -> Iterator[Window]:
    for one in held.values():
        closes_on = one.window.closes_on
        earlier = one.window.episode != tail.episode
        if (earlier and closes_on is not None and on <= closes_on) or (not earlier and tail.grid is None):
            yield one.window
    if tail.grid is not None and isinstance(requirement.timing, Grid):
        anchor, ends_on, place = tail.grid
        episode = Episode(tail.episode, date.fromordinal(anchor), date.fromordinal(ends_on), ())
        yield from grid_windows(requirement.timing, episode)[place:]


def _numbers(counts: Counts) -> tuple[int, ...]:
    return tuple(getattr(counts, name) for name in COUNTED)


def _written(one: _Held) -> tuple[Any, ...]:
    window, fill = one.window, one.fill
    days = (window.opens_on, window.due_on, window.closes_on, fill.completed_on)
    return (
        window.episode,
        window.key,
        window.slot,
        *(None if day is None else day.toordinal() for day in days),
        list(fill.missing),
        fill.partial,
        one.waived,
        one.on_discovery,
    )


def _read(row: tuple[Any, ...]) -> _Held:
    episode, key, slot, opens, due, closes, completed, missing, partial, waived, on_discovery = row
    window = Window(
        episode,
        key,
        slot,
        date.fromordinal(opens),
        date.fromordinal(due),
        None if closes is None else date.fromordinal(closes),
    )
    fill = Fill(None if completed is None else date.fromordinal(completed), tuple(missing), partial)
    return _Held(window, fill, waived, on_discovery)
