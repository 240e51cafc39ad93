"""What once made which obligations: since when a slot exists with its present date (R20), and which were withdrawn."""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.monitoring.rules.acts import acts_of
from services.monitoring.rules.answers import Episode
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import beliefs
from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.demographics import applicability
from services.monitoring.rules.edition import (
    Courses,
    Grid,
    Once,
    Requirement,
    Rolling,
    components_by_code,
    valued_codes,
)
from services.monitoring.rules.episodes import episodes
from services.monitoring.rules.evidence import Finding, findings
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window, windows_by_key
from services.monitoring.rules.matters import Matters
from services.monitoring.rules.once import asked, triggers
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


def asks(requirement: Requirement, timing: Once, fact: Fact) -> bool:
    """Whether it can make, move or unmake an obligation that a finding asks for."""
    if isinstance(fact.data, LabResultRecorded):
        codes = valued_codes(requirement)
        return bool(codes) and any(result.code in codes for result in fact.data.results)
    return moves_episodes(fact) or not set(timing.after).isdisjoint(acts_of(fact))


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


class Past:
    """What was believed once a fact was recorded on `day`, and which obligations that made."""

    def __init__(self, fact: Fact, day: date, belief: Belief, courses: Courses) -> None:
        self.fact = fact
        self.day = day
        self.days = {one.first for one in belief.infusions} | {day for one in belief.infusions for day, _ in one.stops}
        self.belief = belief
        self._courses = courses
        self._episodes: dict[int, tuple[Episode, ...]] = {}
        self._findings: dict[str, list[Finding]] = {}

    def made(self, requirement: Requirement, on: date) -> Made:
        """By episode and key."""
        timing = requirement.timing
        if isinstance(timing, Grid):
            return {episode.episode: windows_by_key(timing, episode) for episode in self.periods(on)}
        if isinstance(timing, Once):
            return _by_key(one.window for one in asked(timing, triggers(timing, self.belief), self.periods(on), on))
        if requirement.id not in self._findings:
            self._findings[requirement.id] = findings(requirement, self.belief)
        shown = self._findings[requirement.id]
        turns = turns_of(requirement, timing, self.belief, shown, self.periods(on), on)
        return _by_key(turn.window for turn in turns)

    def applies(self, requirement: Requirement) -> bool:
        return applicability(requirement, self.belief.who) != "not_applicable"

    def periods(self, on: date) -> tuple[Episode, ...]:
        """The episodes that were believed."""
        part = sum(day <= on for day in self.days)
        if part not in self._episodes:
            self._episodes[part] = episodes(self.belief.infusions, self._courses, on)
        return self._episodes[part]


class Life(NamedTuple):
    """What a fact made of an obligation: the window that it has from then on, or None for one that is owed no more."""

    past: Past
    window: Window | None


def _by_key(windows: Iterable[Window]) -> Made:
    made: Made = {}
    for window in windows:
        made.setdefault(window.episode, {})[window.key] = window
    return made


class _Step(NamedTuple):
    """From `day` on, this is what was made; not `applies` while the requirement did not apply."""

    day: date
    made: Made
    applies: bool


class History:
    """What was believed after each fact that can make, move or unmake an obligation, in the order of the log.

    `makes` says which facts can, `codes` which results; with them come those of their matters. Of all others it is
    independent.
    """

    def __init__(
        self,
        courses: Courses,
        matters: Matters,
        clinic: ZoneInfo,
        makes: Callable[[Fact], bool],
        codes: Container[str] = (),
    ) -> None:
        self._courses = courses
        self._matters = matters
        self._clinic = clinic
        self._makes = makes
        self._codes = codes
        self._steps: dict[tuple[str, date | int], list[_Step]] = {}

    def with_fact(self, matters: Matters, matter: Sequence[Fact], belief: Belief) -> "History":
        """With one more fact, the last of its `matter`, and the belief that it led to."""
        if not any(map(self._makes, matter)):
            return self
        grown = History(self._courses, matters, self._clinic, self._makes, self._codes)
        if "_pasts" in self.__dict__:
            grown._pasts = [*self._pasts, self._past(matter[-1], belief)]
        return grown

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
        """R20: the clinic date on which it last began to exist with its present due date is after that date.

        What applies now had not begun while it did not apply; what evidence filled although it never applied began
        like any other.
        """
        if window.due_on >= self.last_made:
            return False
        since: date | None = None
        steps = self._of(requirement, on)
        for step in reversed(steps):
            then = step.made.get(window.episode, {}).get(window.key)
            hidden = not step.applies and steps[-1].applies
            if then is None or then.due_on != window.due_on or hidden:
                break
            since = step.day
        return since is not None and since > window.due_on

    def life(self, requirement: Requirement, episode: int, key: str, on: date) -> list[Life]:
        """What became of one obligation, by the facts that made, moved or unmade it, in the order of the log."""
        found: list[Life] = []
        last: Window | None = None
        for past, step in zip(self._pasts, self._of(requirement, on), strict=True):
            window = step.made.get(episode, {}).get(key) if step.applies else None
            if window != last:
                found.append(Life(past, window))
            last = window
        return found

    def part(self, on: date) -> int:
        """The same for all dates between which no belief has other episodes."""
        return bisect_right(self._days, on)

    @cached_property
    def last_made(self) -> date:
        """Nothing that is due on or after this day can be on discovery."""
        return max((past.day for past in self._pasts), default=date.min)

    def _of(self, requirement: Requirement, on: date) -> list[_Step]:
        """What was made, step by step."""
        key = requirement.id, self.part(on) if isinstance(requirement.timing, Grid) else on
        if key not in self._steps:
            self._steps[key] = [
                _Step(past.day, past.made(requirement, on), past.applies(requirement)) for past in self._pasts
            ]
        return self._steps[key]

    @cached_property
    def _days(self) -> list[date]:
        return sorted(set().union(*(past.days for past in self._pasts)))

    @cached_property
    def _pasts(self) -> list[Past]:
        making = self._matters.of(self._makes)
        return [self._past(fact, belief) for fact, belief in zip(making, beliefs(making), strict=True)]

    def _past(self, fact: Fact, belief: Belief) -> Past:
        return Past(fact, local_day(fact.recorded_at, self._clinic), belief.about(self._codes), self._courses)
