"""What once made which obligations: since when a slot exists with its present date (R20), and which were withdrawn."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import believe
from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.demographics import applicability
from services.monitoring.rules.edition import Courses, Requirement, Rolling, components_by_code
from services.monitoring.rules.episodes import episodes
from services.monitoring.rules.evidence import Finding, findings
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window, windows_by_key
from services.monitoring.rules.naming import Index, Void, name_of, targets
from services.monitoring.rules.rolling import Turn, rolling_turns, waived_for_good
from shared.contracts.v1.facts import (
    DeathRecorded,
    DemographicsCorrected,
    ExamPerformed,
    InfusionAdministered,
    InfusionStopped,
    LabResultRecorded,
    ObligationWaived,
    RemsFormSubmitted,
    TreatmentOpened,
)

MOVING = (TreatmentOpened, DemographicsCorrected, InfusionAdministered, InfusionStopped)
Made = dict[int, dict[str, Window]]  # by episode and key


def moves_episodes(fact: Fact) -> bool:
    """Whether it can make, move or unmake an obligation with a fixed date."""
    return isinstance(fact.data, MOVING)


def moves_turns(requirement: Requirement, fact: Fact) -> bool:
    """Whether it can make, move or unmake an obligation that follows from the last time it was met."""
    match fact.data:
        case LabResultRecorded(results=results):
            codes = components_by_code(requirement)
            return any(result.code in codes for result in results)
        case ExamPerformed(exam=exam):
            return any(part.exam == exam for part in requirement.components)
        case RemsFormSubmitted(form=form):
            return any(part.form == form for part in requirement.components)
        case ObligationWaived() | DeathRecorded():
            return True
        case _:
            return moves_episodes(fact)


def turns_of(
    requirement: Requirement,
    timing: Rolling,
    belief: Belief,
    shown: Sequence[Finding],
    periods: Sequence[Episode],
    on: date,
) -> list[Turn]:
    """The obligations of a rolling requirement over all episodes, as they follow from each other by `on`.

    `shown` are the findings of the belief.
    """
    exams = [one for one in shown if one.satisfies and one.day <= on]
    found: list[Turn] = []
    for place, episode in enumerate(periods):
        following = periods[place + 1].anchor if place + 1 < len(periods) else None
        prefix = f"{belief.treatment}.{requirement.id}.e{episode.episode}."
        for_good = waived_for_good(belief.waivers, belief.death, prefix, on)
        found.extend(rolling_turns(timing, episode, following, exams, for_good))
    return found


class _Step(NamedTuple):
    """From `day` on, this is what was made; not `applies` while the requirement did not apply."""

    day: date
    made: Made
    applies: bool


class History:
    """The beliefs after each fact that can make, move or unmake an obligation, in the order of the log.

    `makes` says which facts can. Of all others it is independent.
    """

    def __init__(self, courses: Courses, facts: Sequence[Fact], belief: Belief, makes: Callable[[Fact], bool]) -> None:
        self.courses = courses
        self.facts = facts
        self.belief = belief
        self.makes = makes
        self._episodes: dict[int, list[tuple[Episode, ...]]] = {}
        self._steps: dict[tuple[str, date | int], list[_Step]] = {}

    def withdrawn(self, requirement: Requirement, on: date) -> list[Window]:
        """The obligations that some known fact once made and that are no longer made, with their last dates."""
        steps = self._of(requirement, on)
        present = steps[-1].made if steps else {}
        found: dict[tuple[int, str], Window] = {}
        for step in reversed(steps[:-1]):
            for episode, made in step.made.items():
                still = present.get(episode, {})
                if made is not still:
                    for key in made.keys() - still.keys():
                        found.setdefault((episode, key), made[key])
        return list(found.values())

    def on_discovery(self, requirement: Requirement, window: Window, on: date) -> bool:
        """R20: the clinic date on which it last began to exist with its present due date is after that date."""
        if window.due_on >= self.last_made:
            return False
        since: date | None = None
        for step in reversed(self._of(requirement, on)):
            then = step.made.get(window.episode, {}).get(window.key)
            if then is None or then.due_on != window.due_on or not step.applies:
                break
            since = step.day
        return since is not None and since > window.due_on

    def part(self, on: date) -> int:
        """The same for all dates between which no belief has other episodes."""
        return bisect_right(self._days, on)

    def _of(self, requirement: Requirement, on: date) -> list[_Step]:
        """What was made, step by step."""
        key = requirement.id, on if isinstance(requirement.timing, Rolling) else self.part(on)
        if key not in self._steps:
            self._steps[key] = [
                _Step(
                    day,
                    _made(requirement, belief, periods, on),
                    applicability(requirement, belief.who) != "not_applicable",
                )
                for (day, belief), periods in zip(self._beliefs, self._periods(on), strict=True)
            ]
        return self._steps[key]

    def _periods(self, on: date) -> list[tuple[Episode, ...]]:
        part = self.part(on)
        if part not in self._episodes:
            self._episodes[part] = [episodes(belief.infusions, self.courses, on) for _, belief in self._beliefs]
        return self._episodes[part]

    @cached_property
    def _days(self) -> list[date]:
        infusions = {one for _, belief in self._beliefs for one in belief.infusions}
        return sorted({one.first for one in infusions} | {day for one in infusions for day, _ in one.stops})

    @cached_property
    def last_made(self) -> date:
        """Nothing that is due on or after this day can be on discovery."""
        return max((self._day(fact) for fact in self._making), default=date.min)

    @cached_property
    def _making(self) -> list[Fact]:
        """The facts that can change which obligations there are, and what corrects or voids them."""
        found = {
            fact.fact_id: fact
            for thing in self.belief.statements.things
            if any(self.makes(fact) for fact in thing.statements)
            for fact in thing.statements
        }
        if any(isinstance(fact.data, Void) for fact in self.facts):
            self._add_voids(found)
        return sorted(found.values(), key=lambda fact: fact.position)

    def _add_voids(self, found: dict[str, Fact]) -> None:
        """The voids that act on what was found, or on one another; with all that they name, so that it stays theirs."""
        index = Index(self.facts)
        voids: dict[str, list[Fact]] = defaultdict(list)
        for void in index.voids:
            for target in targets(void, index):
                voids[target.fact_id].append(void)
        acting: dict[str, Fact] = {}
        ahead = list(found)
        while ahead:
            for void in voids[ahead.pop()]:
                if void.fact_id not in acting:
                    acting[void.fact_id] = void
                    ahead.append(void.fact_id)
        found.update(acting)
        found.update((target.fact_id, target) for void in acting.values() for target in targets(void, index))

    @cached_property
    def _beliefs(self) -> list[tuple[date, Belief]]:
        making = self._making
        if self._independent:
            return [(self._day(fact), self.belief.through(fact.version)) for fact in making]
        return [(self._day(fact), believe(making[: place + 1])) for place, fact in enumerate(making)]

    @property
    def _independent(self) -> bool:
        """No making fact speaks of another: then a past belief is the present one, less what came later."""
        making = self._making
        names = [name for fact in making if (name := name_of(fact)) is not None]
        return len(names) == len(set(names)) and all(
            isinstance(fact.data, TreatmentOpened | InfusionAdministered | ExamPerformed | RemsFormSubmitted)
            and fact.corrects is None
            for fact in making
        )

    def _day(self, fact: Fact) -> date:
        return local_day(fact.recorded_at, self.belief.who.clinic)


def _made(requirement: Requirement, belief: Belief, periods: Sequence[Episode], on: date) -> Made:
    timing = requirement.timing
    if isinstance(timing, Rolling):
        made: Made = {}
        for turn in turns_of(requirement, timing, belief, findings(requirement, belief), periods, on):
            made.setdefault(turn.window.episode, {})[turn.window.key] = turn.window
        return made
    return {episode.episode: windows_by_key(timing, episode) for episode in periods}
