"""One requirement of one treatment: what each date makes of its slots, worked out once."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property, partial
from typing import NamedTuple

from services.monitoring.rules.answers import Applicability, Counts, Episode, Evidence, RollUp, Slot
from services.monitoring.rules.background import Background
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import Growth
from services.monitoring.rules.circumstances import Circumstances, circumstances
from services.monitoring.rules.demographics import applicability
from services.monitoring.rules.edition import (
    Grid,
    Once,
    Requirement,
    Rolling,
    component_names,
    components_by_code,
    valued_codes,
)
from services.monitoring.rules.evidence import (
    Fill,
    Finding,
    empty,
    explained,
    explained_outside,
    fill,
    findings,
    findings_swapped,
    independent,
)
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window, grid_windows
from services.monitoring.rules.history import History, asks, moves_turns, turns_of
from services.monitoring.rules.matters import Matters
from services.monitoring.rules.once import asked, counting, looked_at_from, triggers
from services.monitoring.rules.roll_up import Owed, Run, line, run_of
from services.monitoring.rules.rolling import Turn
from services.monitoring.rules.slot import judged_slot, withdrawn_slot

END_OF_DAY = 2**63  # no version is greater: (day, END_OF_DAY) sorts after every finding of the day
Filled = tuple[Window, Fill, Sequence[Finding]]


class Settled(NamedTuple):
    """What the windows of the newest episode that have closed come to; `place` is how many they are."""

    place: int
    owed: Owed | None
    counts: Counts


class Look(NamedTuple):
    """A grid on a date: what has closed, what is open (of an earlier episode first), what opens later."""

    episode: Episode
    settled: Settled
    open: list[Filled]
    ahead: Sequence[Window]


class Chapter:
    """Holds for every `on`."""

    def __init__(
        self,
        requirement: Requirement,
        background: Background,
        matters: Matters,
        belief: Belief,
        shown: list[Finding] | None = None,
    ) -> None:
        self.requirement = requirement
        self.background = background
        self.components = component_names(requirement)
        self.applicability: Applicability = applicability(requirement, background.who)
        timing = requirement.timing
        # Of what only a finding asks for there is nothing to work out before somebody told of one.
        self.silent = isinstance(timing, Once) and not timing.values and not matters.told(timing.after)
        self.events = triggers(timing, belief) if isinstance(timing, Once) and not self.silent else []
        self.findings: list[Finding] = [] if self.silent else findings(requirement, belief) if shown is None else shown
        self._matters = matters
        self._belief = belief
        self._settled: dict[tuple[int, int], tuple[Sequence[date], list[Settled]]] = {}
        self._turned: dict[tuple[int, int, int], list[Turn]] = {}
        self._looked: tuple[date, Look] | None = None
        self._listed: dict[date, list[Slot]] = {}  # slots that were judged with their evidence already

    def with_fact(self, background: Background, matters: Matters, matter: Sequence[Fact], growth: Growth) -> "Chapter":
        """With one more fact, the last of its `matter`."""
        if self.silent:
            return Chapter(self.requirement, background, matters, growth.belief)
        shown, since = None, date.min
        apart = independent(self.requirement, self._belief) and independent(self.requirement, growth.belief)
        if apart and background.death == self.background.death:
            shown, since = findings_swapped(
                self.findings, self.requirement, growth.before, growth.after, background.death
            )
        grown = Chapter(self.requirement, background, matters, growth.belief, shown)
        if background is self.background and growth.before.waivers == growth.after.waivers:
            grown.around = self.around
            # What closed before the first day on which something differs is as it was.
            grown._settled = {
                key: (closing, known[: bisect_left(closing, since) + 1])
                for key, (closing, known) in self._settled.items()
            }
        if not isinstance(self.requirement.timing, Grid):
            grown.history = self.history.with_fact(matters, matter, growth.belief)
        return grown

    @cached_property
    def around(self) -> Circumstances:
        return circumstances(self._belief, self.requirement.id)

    @cached_property
    def history(self) -> History:
        background, requirement = self.background, self.requirement
        clinic = background.who.clinic
        match requirement.timing:
            case Grid():
                return background.history
            case Rolling():
                moves, shown = partial(moves_turns, requirement), components_by_code(requirement)
                return History(background.courses, self._matters, clinic, moves, shown)
            case Once() as timing:
                makes, codes = partial(asks, requirement, timing), valued_codes(requirement)
                return History(background.courses, self._matters, clinic, makes, codes)

    def exists(self, on: date) -> bool:
        """Whether there is anything to say of it: what a finding asks for is silent until there is one."""
        periods = self.background.episodes(on)
        if isinstance(timing := self.requirement.timing, Once):
            return not self.silent and bool(asked(timing, self.events, periods, on))
        return bool(periods)

    def known(self, on: date) -> list[Finding]:
        return self.findings[: self._after(on)]

    def _after(self, day: date) -> int:
        """The place of the first finding after a day."""
        return bisect_left(self.findings, (day, END_OF_DAY))

    def obligation_id(self, window: Window) -> str:
        return f"{self.background.treatment}.{self.requirement.id}.e{window.episode}.{window.key}"

    def filled(self, on: date) -> Iterator[Filled]:
        """Every window that exists on `on`, in due order by episode, with what fills it."""
        if isinstance(timing := self.requirement.timing, Grid):
            for episode in self.background.episodes(on):
                for window in grid_windows(timing, episode):
                    yield self._filled(window, episode.anchor, on)
        elif isinstance(timing, Rolling):
            for turn in self._turns(timing, on):
                if turn.closed_by is None:
                    yield turn.window, empty(self.components), ()
                else:
                    yield turn.window, Fill(turn.closed_by.day, (), partial=False), (turn.closed_by,)
        else:
            for one in asked(timing, self.events, self.background.episodes(on), on):
                start = bisect_left(self.findings, (looked_at_from(one),))
                shown = counting(one, self._shown(one.window, on, start))
                yield one.window, fill(self.components, shown), shown

    def _turns(self, timing: Rolling, on: date) -> list[Turn]:
        """The same for all dates between which nothing was done or waived and no episode began."""
        key = self.background.part(on), self._after(on), sum(one.day <= on for one in self._belief.waivers)
        if key not in self._turned:
            periods = self.background.episodes(on)
            self._turned[key] = turns_of(self.requirement, timing, self._belief, self.findings, periods, on)
        return self._turned[key]

    def fill_of(self, window: Window, on: date) -> Fill:
        """What fills one window that exists on `on`."""
        if not isinstance(self.requirement.timing, Grid):
            return next(filled for other, filled, _ in self.filled(on) if other == window)
        return self._filled(window, self._anchor(window, on), on)[1]

    def _filled(self, window: Window, anchor: date, on: date) -> Filled:
        if window.opens_on > on:
            return window, empty(self.components), ()
        shown = self._shown(window, on, self._after(anchor) if window.opens_on <= anchor else None)
        return window, fill(self.components, shown) if shown else empty(self.components), shown

    def _shown(self, window: Window, on: date, start: int | None = None) -> list[Finding]:
        """The findings dated in a window by `on`; those before the place `start` are left out."""
        first = bisect_left(self.findings, (window.opens_on,)) if start is None else start
        return self.findings[first : self._after(on if window.closes_on is None else min(on, window.closes_on))]

    def _anchor(self, window: Window, on: date) -> date:
        return next(one.anchor for one in self.background.episodes(on) if one.episode == window.episode)

    def settled(self, timing: Grid, episode: Episode, on: date) -> Settled:
        """What the closed windows of the newest episode come to. While only the calendar moves, that only grows."""
        key = self.background.part(on), self.history.part(on)
        windows = grid_windows(timing, episode)
        if key not in self._settled:
            self._settled[key] = [_closes(one) for one in windows], [Settled(0, None, Counts())]
        closing, known = self._settled[key]
        place = bisect_left(closing, on)
        while len(known) <= place:
            last = known[-1]
            window, filled, _ = self._filled(windows[last.place], episode.anchor, on)
            run = run_of([self.judge(window, filled, on)], episode.episode, on, last.owed, last.counts)
            known.append(Settled(last.place + 1, run.owed, run.counts))
        return known[place]

    def look(self, timing: Grid, on: date) -> Look:
        """While a window of an earlier episode is open, none of the newest has closed yet."""
        if self._looked is None or self._looked[0] != on:
            *earlier, newest = self.background.episodes(on)
            settled = self.settled(timing, newest, on)
            windows = grid_windows(timing, newest)
            ahead = settled.place
            while ahead < len(windows) and windows[ahead].opens_on <= on:
                ahead += 1
            still = [(one, window) for one in earlier for window in grid_windows(timing, one) if _closes(window) >= on]
            still += [(newest, window) for window in windows[settled.place : ahead]]
            self._looked = (
                on,
                Look(newest, settled, [self._filled(window, one.anchor, on) for one, window in still], windows[ahead:]),
            )
        return self._looked[1]

    def unsettled(self, look: Look) -> Iterator[Filled]:
        """The windows of a grid that have not closed."""
        yield from look.open
        nothing = empty(self.components)
        for window in look.ahead:
            yield window, nothing, ()

    def slots(self, on: date) -> list[Slot]:
        """Every slot with its evidence, in due order; one that no longer exists is listed as withdrawn."""
        if self.silent:
            return []
        found = self._listed[on] = list(self.judged(on, explain=True))
        if self.applicability == "not_applicable":
            return found
        withdrawn = [self._withdrawn(one) for one in self.history.withdrawn(self.requirement, on)]
        return sorted([*found, *withdrawn], key=lambda slot: (slot.due_on, slot.episode))

    def judged(self, on: date, *, explain: bool = False) -> Iterator[Slot]:
        """The slots that exist, as they stand; of a requirement that does not apply only the filled ones."""
        for window, filled, shown in self.filled(on):
            if self.applicability == "not_applicable" and filled.completed_on is None:
                continue
            yield self.judge(window, filled, on, self._evidence(window, shown, on) if explain else ())

    def judge(self, window: Window, filled: Fill, on: date, evidence: tuple[Evidence, ...] = ()) -> Slot:
        return judged_slot(
            self.requirement.id,
            self.obligation_id(window),
            self.applicability,
            window,
            filled,
            self.around,
            on,
            lambda one: self.history.on_discovery(self.requirement, one, on),
            evidence,
        )

    def run(self, on: date) -> Run:
        """The trailing run of the newest episode; an earlier episode's slot counts in it while its window is open."""
        newest = self.background.episodes(on)[-1].episode
        timing = self.requirement.timing
        if on not in self._listed and isinstance(timing, Grid) and self.applicability != "not_applicable":
            look = self.look(timing, on)
            slots = (self.judge(window, filled, on) for window, filled, _ in self.unsettled(look))
            return run_of(slots, newest, on, look.settled.owed, look.settled.counts)
        seen = (
            slot
            for slot in self._listed.get(on) or self.judged(on)
            if slot.episode == newest
            or isinstance(timing, Once)
            or (slot.closes_on is not None and on <= slot.closes_on)
        )
        return run_of(seen, newest, on, None, Counts())

    def closes_on(self, on: date) -> date | None:
        """The last closing day of the newest episode; None for what never closes."""
        timing = self.requirement.timing
        if not isinstance(timing, Grid):
            return None
        return grid_windows(timing, self.background.episodes(on)[-1])[-1].closes_on

    def roll_up(self, on: date) -> RollUp:
        """The line of a worklist; only where it `exists` on `on`."""
        run = self.run(on)
        closes_on = self.closes_on(on)
        state = run.state(self.applicability, self.around, closes_on, on)
        background = self.background
        return line(
            self.requirement, background.treatment, background.site(on), on, self.applicability, state, run, closes_on
        )

    def _evidence(self, window: Window, shown: Sequence[Finding], on: date) -> tuple[Evidence, ...]:
        inside = explained(shown)
        if window.slot != 1:
            return inside
        anchor = self._anchor(window, on)
        before = [one for one in self.known(on) if anchor <= one.day < window.opens_on]
        return explained_outside(before, window.opens_on) + inside

    def _withdrawn(self, window: Window) -> Slot:
        return withdrawn_slot(
            self.requirement.id, self.obligation_id(window), self.applicability, window, self.components
        )


def _closes(window: Window) -> date:
    return window.closes_on or date.max
