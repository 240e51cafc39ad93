"""One treatment as it is known: the belief, and what each requirement makes of it, worked out once."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.background import Background, alike
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.believing import Growth, believe, believe_also, says_who
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.growing import Growing
from services.monitoring.rules.matters import Matters
from services.monitoring.rules.touched import Touched, concerned, spoken, touched


class Treatment:
    """A set of facts under an edition; every question is asked with a date. Facts come in any order, also repeated.

    `touched` is what the last fact that it grew by can change (None = for every date).
    """

    def __init__(self, edition: Edition, facts: Iterable[Fact] = ()) -> None:
        self.edition = edition
        self.matters = Matters(Growing(facts))
        self.touched: Touched = {}
        self._chapters: dict[str, Chapter] = {}

    @cached_property
    def belief(self) -> Belief:
        return believe(self.facts)

    @cached_property
    def background(self) -> Background:
        return Background(self.edition.courses, self.matters, self.belief)

    @property
    def facts(self) -> Growing[Fact]:
        return self.matters.facts

    @cached_property
    def position(self) -> int:
        """Of the last fact in the log."""
        return max((fact.position for fact in self.facts), default=0)

    def episodes(self, on: date) -> tuple[Episode, ...]:
        return self.background.episodes(on)

    def chapter(self, requirement: str) -> Chapter:
        if requirement not in self._chapters:
            self._chapters[requirement] = Chapter(
                self.edition.requirements[requirement], self.background, self.matters, self.belief
            )
        return self._chapters[requirement]

    def with_fact(self, fact: Fact) -> "Treatment":
        """The treatment with one more fact; what its matter does not say is taken over, not worked out again."""
        beside = self.matters.beside(fact)
        grown = Treatment(self.edition)
        grown.matters = self.matters.with_fact(fact)
        if fact.position > self.position:
            if not any(map(says_who, (fact, *beside))):
                grown._take_over(self, believe_also(self.belief, beside, fact), (*beside, fact))
                return grown
            found = touched(self.edition, self.belief, grown.belief)
            grown.touched = spoken(self.edition, found, self.belief, grown.belief)
        elif all(fact.fact_id != one.fact_id for one in self.facts):
            # An earlier fact that arrives late can change what others did since.
            grown.touched = dict.fromkeys(self.edition.requirements)
        return grown

    def _take_over(self, before: "Treatment", growth: Growth, matter: Sequence[Fact]) -> None:
        """The last of `matter` is new."""
        self.belief = growth.belief
        self.position = matter[-1].position
        found = touched(self.edition, growth.before, growth.after)
        self.touched = spoken(self.edition, found, before.belief, growth.belief)
        same = alike(growth.before, growth.after)
        self.background = (
            before.background if same else before.background.with_fact(self.matters, matter, growth.belief)
        )
        kept = same and growth.before.waivers == growth.after.waivers
        anew = concerned(self.edition, growth.before, growth.after)
        for name, chapter in before._chapters.items():
            stays = kept and name not in anew
            self._chapters[name] = (
                chapter if stays else chapter.with_fact(self.background, self.matters, matter, growth)
            )
