"""One treatment as it is known: the belief, and what each requirement makes of it on a date, worked out once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from services.monitoring.rules.alone import stands_alone
from services.monitoring.rules.answers import Applicability, Counts, Episode, Evidence, RollUp, Slot
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import believe, believe_also
from services.monitoring.rules.circumstances import Circumstances, circumstances
from services.monitoring.rules.demographics import applicability
from services.monitoring.rules.edition import Edition, Requirement, Rolling, component_names
from services.monitoring.rules.episodes import episodes
from services.monitoring.rules.evidence import (
    Fill,
    Finding,
    empty,
    explained,
    explained_outside,
    fill,
    findings,
)
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window, grid_windows
from services.monitoring.rules.history import History, turns_of
from services.monitoring.rules.roll_up import Run, line, run_of
from services.monitoring.rules.slot import judged_slot, withdrawn_slot
from shared.contracts.v1.facts import DemographicsCorrected, TreatmentOpened


class Treatment:
    """A set of facts under an edition; every question is asked with a date. Facts come in any order, also repeated."""

    def __init__(self, edition: Edition, facts: Iterable[Fact]) -> None:
        self.edition = edition
        self.facts = tuple(facts)
        self._episodes: dict[date, tuple[Episode, ...]] = {}
        self._chapters: dict[str, Chapter] = {}

    @cached_property
    def belief(self) -> Belief:
        return believe(self.facts)

    def with_fact(self, fact: Fact) -> "Treatment":
        """The treatment with one more fact; where that stands alone, what was believed before is taken over."""
        grown = Treatment(self.edition, (*self.facts, fact))
        if self.facts and self._adds(fact):
            grown.__dict__["belief"] = believe_also(self.belief, fact)
            if not self.history.makes(fact):
                grown.__dict__["history"] = self.history
        return grown

    def _adds(self, fact: Fact) -> bool:
        in_log = all(one.position < fact.position for one in self.facts)
        demographic = isinstance(fact.data, TreatmentOpened | DemographicsCorrected)
        return in_log and not demographic and stands_alone(self.facts, fact)

    @cached_property
    def history(self) -> History:
        return History(self.edition, self.facts, self.belief)

    def episodes(self, on: date) -> tuple[Episode, ...]:
        if on not in self._episodes:
            self._episodes[on] = episodes(self.belief.infusions, self.edition.courses, on)
        return self._episodes[on]

    def chapter(self, requirement: str) -> "Chapter":
        if requirement not in self._chapters:
            self._chapters[requirement] = Chapter(self, self.edition.requirements[requirement])
        return self._chapters[requirement]


class Chapter:
    """One requirement of one treatment."""

    def __init__(self, treatment: Treatment, requirement: Requirement) -> None:
        self.treatment = treatment
        self.requirement = requirement
        self.components = component_names(requirement)
        self._listed: dict[date, list[Slot]] = {}  # slots that were judged with their evidence already
        self.applicability: Applicability = applicability(requirement, treatment.belief.who)

    @cached_property
    def around(self) -> Circumstances:
        return circumstances(self.treatment.belief, self.requirement.id)

    @cached_property
    def findings(self) -> list[Finding]:
        return findings(self.requirement, self.treatment.belief)

    def known(self, on: date) -> list[Finding]:
        return self.findings[: bisect_right(self.findings, on, key=lambda one: one.day)]

    def obligation_id(self, window: Window) -> str:
        return f"{self.treatment.belief.treatment}.{self.requirement.id}.e{window.episode}.{window.key}"

    def filled(self, on: date) -> Iterator[tuple[Window, Fill, Sequence[Finding]]]:
        """Every window that exists on `on`, in due order by episode, with what fills it."""
        periods = self.treatment.episodes(on)
        timing = self.requirement.timing
        if isinstance(timing, Rolling):
            for turn in turns_of(self.requirement, timing, self.treatment.belief, periods, on):
                if turn.closed_by is None:
                    yield turn.window, empty(self.components), ()
                else:
                    yield turn.window, Fill(turn.closed_by.day, (), partial=False), (turn.closed_by,)
            return
        nothing = empty(self.components)
        known = self.known(on)
        for episode in periods:
            at = bisect_right(known, episode.anchor, key=lambda one: one.day)
            for window in grid_windows(timing, episode):
                while at < len(known) and known[at].day < window.opens_on:
                    at += 1
                start = at
                while at < len(known) and window.closes_on is not None and known[at].day <= window.closes_on:
                    at += 1
                shown = known[start:at]
                yield window, fill(self.components, shown) if shown else nothing, shown

    def slots(self, on: date) -> list[Slot]:
        """Every slot with its evidence, in due order; one that no longer exists is listed as withdrawn."""
        found = self._listed[on] = list(self.judged(on, explain=True))
        if self.applicability == "not_applicable":
            return found
        withdrawn = [self._withdrawn(one) for one in self.treatment.history.withdrawn(self.requirement, on)]
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
            lambda one: self.treatment.history.on_discovery(self.requirement, one, on),
            evidence,
        )

    def run(self, on: date) -> Run:
        """The trailing run of the newest episode; an earlier episode's slot counts in it while its window is open."""
        newest = self.treatment.episodes(on)[-1].episode
        return run_of(
            (
                slot
                for slot in self._listed.get(on) or self.judged(on)
                if slot.episode == newest or (slot.closes_on is not None and on <= slot.closes_on)
            ),
            newest,
            on,
            None,
            Counts(),
        )

    def closes_on(self, on: date) -> date | None:
        """The last closing day of the newest episode; None for what never closes."""
        timing = self.requirement.timing
        return (
            None if isinstance(timing, Rolling) else grid_windows(timing, self.treatment.episodes(on)[-1])[-1].closes_on
        )

    def roll_up(self, on: date) -> RollUp:
        """The line of a worklist; only for a treatment that has an episode on `on`."""
        run = self.run(on)
        closes_on = self.closes_on(on)
        state = run.state(self.applicability, self.around, closes_on, on)
        belief = self.treatment.belief
        return line(self.requirement, belief.treatment, belief.site(on), on, self.applicability, state, run, closes_on)

    def _evidence(self, window: Window, shown: Sequence[Finding], on: date) -> tuple[Evidence, ...]:
        inside = explained(shown)
        if window.slot != 1:
            return inside
        anchor = next(one.anchor for one in self.treatment.episodes(on) if one.episode == window.episode)
        before = [one for one in self.known(on) if anchor <= one.day < window.opens_on]
        return explained_outside(before, window.opens_on) + inside

    def _withdrawn(self, window: Window) -> Slot:
        return withdrawn_slot(
            self.requirement.id, self.obligation_id(window), self.applicability, window, self.components
        )
