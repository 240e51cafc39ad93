"""What all requirements of a treatment share: its episodes, absences and death. No result changes any of it."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.edition import Courses
from services.monitoring.rules.episodes import episodes
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.history import History, moves_episodes
from services.monitoring.rules.matters import Matters


class Background:
    """Between two of its `days` nothing of it changes; what is asked of a date is worked out once for all of them."""

    def __init__(self, courses: Courses, matters: Matters, belief: Belief) -> None:
        self.treatment = belief.treatment
        self.who = belief.who
        self.death = belief.death
        self.site = belief.site
        self.courses = courses
        self._infusions = belief.infusions
        self._matters = matters
        self._episodes: dict[int, tuple[Episode, ...]] = {}
        days = {one.first for one in belief.infusions}
        days.update(day for one in belief.infusions for day, _ in one.stops)
        days.update(one[0] for one in belief.transfers)
        days.update(one.day for one in belief.refusals)
        if belief.death is not None:
            days.add(belief.death)
        self.days = sorted(days)

    def with_fact(self, matters: Matters, matter: Sequence[Fact], belief: Belief) -> "Background":
        """With one more fact, the last of its `matter`, and the belief that it led to."""
        grown = Background(self.courses, matters, belief)
        grown.history = self.history.with_fact(matters, matter, belief)
        return grown

    def part(self, on: date) -> int:
        """The same for all dates between two of the days."""
        return bisect_right(self.days, on)

    def episodes(self, on: date) -> tuple[Episode, ...]:
        part = self.part(on)
        if part not in self._episodes:
            self._episodes[part] = episodes(self._infusions, self.courses, on)
        return self._episodes[part]

    @cached_property
    def history(self) -> History:
        """Of what is due at fixed dates, which only the episodes move."""
        return History(self.courses, self._matters, self.who.clinic, moves_episodes)


def alike(before: Belief, after: Belief) -> bool:
    """Whether two beliefs about one person have the same background."""
    return (
        before.infusions == after.infusions
        and before.transfers == after.transfers
        and before.refusals == after.refusals
        and before.deaths == after.deaths
    )
