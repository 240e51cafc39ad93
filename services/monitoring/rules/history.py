"""What once made which obligations: since when a slot exists with its present date (R20), and which were withdrawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.belief import Belief, believe
from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.demographics import applicability
from services.monitoring.rules.edition import Edition, Requirement, Rolling, components_by_code
from services.monitoring.rules.episodes import episodes
from services.monitoring.rules.evidence import findings
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window, grid_windows
from services.monitoring.rules.rolling import Turn, rolling_turns, waived_for_good
from services.monitoring.rules.statements import Void
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

MAKING = (
    TreatmentOpened,
    DemographicsCorrected,
    InfusionAdministered,
    InfusionStopped,
    ObligationWaived,
    DeathRecorded,
    ExamPerformed,
    RemsFormSubmitted,
)
Key = tuple[int, str]  # episode, key within it


def turns_of(
    requirement: Requirement, timing: Rolling, belief: Belief, periods: Sequence[Episode], on: date
) -> list[Turn]:
    """The obligations of a rolling requirement over all episodes, as they follow from each other by `on`."""
    exams = [one for one in findings(requirement, belief) if one.satisfies and one.day <= on]
    found: list[Turn] = []
    for place, episode in enumerate(periods):
        following = periods[place + 1].anchor if place + 1 < len(periods) else None
        prefix = f"{belief.treatment}.{requirement.id}.e{episode.episode}."
        for_good = waived_for_good(belief.waivers, prefix, on)
        found.extend(rolling_turns(timing, episode, following, exams, for_good))
    return found


@dataclass(frozen=True)
class _Prefix:
    """What was believed once the fact recorded on `day` was known."""

    day: date
    belief: Belief
    made: dict[tuple[str, date], dict[Key, Window]] = field(default_factory=dict)

    def windows(self, edition: Edition, requirement: Requirement, on: date) -> dict[Key, Window]:
        found = self.made.get((requirement.id, on))
        if found is None:
            found = self.made[requirement.id, on] = {
                (window.episode, window.key): window for window in self._made(edition, requirement, on)
            }
        return found

    def _made(self, edition: Edition, requirement: Requirement, on: date) -> Iterator[Window]:
        periods = episodes(self.belief.infusions, edition.courses, on)
        if isinstance(requirement.timing, Rolling):
            yield from (turn.window for turn in turns_of(requirement, requirement.timing, self.belief, periods, on))
        else:
            for episode in periods:
                yield from grid_windows(requirement.timing, episode)


class History:
    """The beliefs after each fact that can make, move or unmake an obligation, in the order of the log."""

    def __init__(self, edition: Edition, facts: Sequence[Fact], belief: Belief) -> None:
        self.edition = edition
        self.facts = facts
        self.belief = belief

    def withdrawn(self, requirement: Requirement, on: date, present: set[Key]) -> list[Window]:
        """The obligations that some known fact once made and that are no longer made, with their last dates."""
        found: dict[Key, Window] = {}
        for prefix in reversed(self._prefixes):
            for key, window in prefix.windows(self.edition, requirement, on).items():
                if key not in present:
                    found.setdefault(key, window)
        return list(found.values())

    def began(self, requirement: Requirement, window: Window, on: date) -> date | None:
        """The clinic date on which the obligation last began to exist with its present due date."""
        since: date | None = None
        for prefix in reversed(self._prefixes):
            then = prefix.windows(self.edition, requirement, on).get((window.episode, window.key))
            if then is None or then.due_on != window.due_on:
                break
            if applicability(requirement, prefix.belief.who) == "not_applicable":
                break
            since = prefix.day
        return since

    def on_discovery(self, requirement: Requirement, window: Window, on: date) -> bool:
        """R20: it came to exist with its present due date only after that date."""
        if window.due_on >= self._last_made:
            return False
        since = self.began(requirement, window, on)
        return since is not None and since > window.due_on

    @cached_property
    def _last_made(self) -> date:
        return max((self._day(fact) for fact in self._making), default=date.min)

    @cached_property
    def _making(self) -> list[Fact]:
        """The facts that can change which obligations there are, and what corrects or voids them."""
        codes = {
            code
            for requirement in self.edition.requirements.values()
            if isinstance(requirement.timing, Rolling)
            for code in components_by_code(requirement)
        }

        def makes(fact: Fact) -> bool:
            if isinstance(fact.data, LabResultRecorded):
                return any(result.code in codes for result in fact.data.results)
            return isinstance(fact.data, MAKING)

        ids = {
            fact.fact_id
            for thing in self.belief.statements.things
            if any(makes(fact) for fact in thing.statements)
            for fact in thing.statements
        }
        waiting = self.belief.statements.waiting
        found = {
            fact.fact_id: fact
            for fact in self.facts
            if fact.fact_id in ids or fact.fact_id in waiting or isinstance(fact.data, Void)
        }
        return sorted(found.values(), key=lambda fact: fact.position)

    @cached_property
    def _prefixes(self) -> list[_Prefix]:
        making = self._making
        return [_Prefix(self._day(fact), believe(making[: place + 1])) for place, fact in enumerate(making)]

    def _day(self, fact: Fact) -> date:
        return local_day(fact.recorded_at, self.belief.who.clinic)
