"""What a span keeps so that the roll-up can be judged on each of its dates: written once, read for every answer."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from services.monitoring.rules.answers import Counts, Episode, Slot, Span
from services.monitoring.rules.belief import Waiver
from services.monitoring.rules.chapter import Chapter, Look, Settled
from services.monitoring.rules.circumstances import Circumstances
from services.monitoring.rules.edition import Grid, Requirement, Rolling, component_names
from services.monitoring.rules.evidence import Fill, empty
from services.monitoring.rules.grid import Window, grid_windows
from services.monitoring.rules.roll_up import COUNTED, SATISFIED, Run, run_of
from services.monitoring.rules.slot import judged_slot


class Held(NamedTuple):
    """A slot of the stretch that is not bare: filled, partly filled, waived by its id, on discovery, or of no grid."""

    window: Window
    fill: Fill
    waived: bool
    on_discovery: bool


class Tail(msgspec.Struct, frozen=True, omit_defaults=True):
    """Days are ordinals. `grid` is (anchor, end, place of the first open window); `owed` (opens, due, on discovery)."""

    since: int
    episode: int
    counts: tuple[int, ...] = (0, 0, 0, 0, 0)
    owed: tuple[int, int, bool] | None = None
    grid: tuple[int, int, int] | None = None
    held: tuple[tuple[Any, ...], ...] = ()
    whole: bool = False  # the requirement itself is waived


def tail_of(chapter: Chapter, start: date, run: Run, state: str, *, whole: bool) -> Tail:
    episode = chapter.background.episodes(start)[-1]
    since = start.toordinal()
    if state in {"not_applicable", "cancelled", "complete"}:
        return Tail(since, episode.episode, _numbers(run.counts))
    timing = chapter.requirement.timing
    if isinstance(timing, Grid):
        look = chapter.look(timing, start)
        past, held = look.settled, list(_held_of_grid(chapter, look, start, whole=whole))
    else:
        past, held = _of_turns(chapter, episode, start, whole=whole)
    return Tail(
        since,
        episode.episode,
        _numbers(past.counts),
        (past.owed.opens_on.toordinal(), past.owed.due_on.toordinal(), past.owed.on_discovery) if past.owed else None,
        (episode.anchor.toordinal(), episode.ends_on.toordinal(), past.place) if isinstance(timing, Grid) else None,
        tuple(_written(one) for one in held),
        whole,
    )


def _held_of_grid(chapter: Chapter, look: Look, start: date, *, whole: bool) -> Iterator[Held]:
    """What the grid alone does not say of the windows that have not closed."""
    newest = look.episode.episode
    for window, filled, _ in chapter.unsettled(look):
        if _bare_from(window, chapter, start):
            break
        one = _held(chapter, window, filled, start, whole=whole)
        bare = window.episode == newest and len(filled.missing) == len(chapter.components)
        if not bare or one.waived or one.on_discovery:
            yield one


def _of_turns(chapter: Chapter, episode: Episode, start: date, *, whole: bool) -> tuple[Settled, list[Held]]:
    """What never closes by itself: what is settled of the newest episode, and what comes after the last that is."""
    settled: list[Slot] = []
    held: list[Held] = []
    for window, filled, _ in chapter.filled(start):
        slot = chapter.judge(window, filled, start)
        over = window.episode != episode.episode and isinstance(chapter.requirement.timing, Rolling)
        if over or _settled(slot, start):
            settled.extend([slot] if window.episode == episode.episode else [])
            held = []
        else:
            held.append(_held(chapter, window, filled, start, whole=whole))
    past = run_of(settled, episode.episode, start, None, Counts())
    return Settled(len(settled), past.owed, past.counts), held


def _held(chapter: Chapter, window: Window, filled: Fill, start: date, *, whole: bool) -> Held:
    waived = not whole and chapter.around.waived(chapter.obligation_id(window), start)
    return Held(window, filled, waived, chapter.history.on_discovery(chapter.requirement, window, start))


def remaining(requirement: Requirement, span: Span, tail: Tail, treatment: str, on: date) -> Iterator[Slot]:
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


def _settled(slot: Slot, start: date) -> bool:
    """Closed for good: its window is past, or it never closes and is done."""
    return slot.standing in SATISFIED if slot.closes_on is None else slot.closes_on < start


def _bare_from(window: Window, chapter: Chapter, start: date) -> bool:
    """Neither this window nor one after it holds anything that the grid alone does not say."""
    bare = window.opens_on > start and window.due_on >= chapter.history.last_made
    return bare and not chapter.around.waivers


def _windows(requirement: Requirement, tail: Tail, held: Mapping[Any, Held], on: date) -> Iterator[Window]:
    for one in held.values():
        closes_on = one.window.closes_on
        earlier = one.window.episode != tail.episode
        if tail.grid is None or (earlier and closes_on is not None and on <= closes_on):
            yield one.window
    if tail.grid is not None and isinstance(requirement.timing, Grid):
        anchor, ends_on, place = tail.grid
        episode = Episode(tail.episode, date.fromordinal(anchor), date.fromordinal(ends_on), ())
        yield from grid_windows(requirement.timing, episode)[place:]


def _numbers(counts: Counts) -> tuple[int, ...]:
    return tuple(getattr(counts, name) for name in COUNTED)


def _written(one: Held) -> tuple[Any, ...]:
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


def _read(row: tuple[Any, ...]) -> Held:
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
    return Held(window, fill, waived, on_discovery)
