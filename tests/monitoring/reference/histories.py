"""Random histories as the other properties have them, and with all that findings ask for and what answers it."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import conditions as c
from shared.contracts.v1 import facts as v1
from shared.contracts.v1.courses import CounsellingGiven
from shared.contracts.v1.history import ScreeningCompleted
from shared.contracts.v1.parts import Reference
from tests.monitoring.properties.histories import History
from tests.monitoring.reference.protocol import read


class HistoryWithFindings(History):
    """Also what findings ask for and what answers it, and what the other histories hardly ever meet."""

    def _follow_up(self) -> None:
        super()._follow_up()
        for _ in range(self.rng.choice((0, 1, 2, 4))):
            self._finding(*self.rng.choice(WORDS))
        if self.rng.random() < 0.06:  # beside the one that may come later
            for _ in range(2):
                self._tell(v1.DeathRecorded(), self.anchor + timedelta(days=self.rng.randrange(2500)))
        if self.rng.random() < 0.15:
            self._tell(v1.InfusionStopped(self._target(v1.InfusionAdministered), "reaction", given_mg=0))
        if self.rng.random() < 0.05:
            self._tell(v1.LabResultCancelled("clotted", specimen_id="S-all"))

    def _finding(self, requirement: str, asks: list[str], answers: list[str]) -> None:
        """Some of a requirement's triggers and answers, close to each other, so that they meet."""
        day = self.anchor + timedelta(days=self.rng.randrange(-20, 1800))
        for _ in range(self.rng.randrange(1, 5)):
            self._tell(_fact(self.rng.choice(asks if self.rng.random() < 0.5 else answers)), day)
            if self.rng.random() < 0.08:
                obligation = f"{self.treatment}.{requirement}.e1.for-{self._drafts[-1].fact_id}"
                self._tell(v1.ObligationWaived("agreed", obligation_id=obligation, until=self._until()), day)
            day += timedelta(days=self.rng.choice((0, 0, 1, 3, 10)))

    def _recorded(self) -> list[Fact]:
        """Some infusions start at one instant or on one date; some demographics correct the opening."""
        opening, *facts = super()._recorded()
        given = [fact for fact in facts if isinstance(fact.data, v1.InfusionAdministered)]
        if len(given) > 1 and self.rng.random() < 0.2:
            one, other = self.rng.sample(given, 2)
            same = replace(other, occurred_at=one.occurred_at, occurred_on=one.occurred_on)
            facts[facts.index(other)] = same
        for place, fact in enumerate(facts):
            if isinstance(fact.data, v1.DemographicsCorrected) and self.rng.random() < 0.3:
                facts[place] = replace(fact, corrects=Reference(fact_id=opening.fact_id))
        return [opening, *facts]


def _words() -> list[tuple[str, list[str], list[str]]]:
    """Requirements of findings, what each asks after, and what answers it: words of acts, codes of one specimen."""
    found = []
    for one in read().requirements:
        if one.kind == "once":
            acts = [act for part in one.components for act in sorted(part.acts)]
            codes = [code for part in one.components for code in sorted(part.codes)[:1]]
            found.append((one.id, sorted(one.after), acts or ["lab:" + ",".join(codes)]))
    return found


def _fact(word: str) -> v1.FactData:
    kind, slug, *more = word.split(":")
    if kind == "lab":
        return v1.LabResultRecorded("S-asked", tuple(v1.Result(code, "final") for code in slug.split(",")))
    if kind == "screened":
        return ScreeningCompleted(slug, more[0])  # type: ignore[arg-type]
    return SAYS[kind](slug)


SAYS: dict[str, Callable[[str], v1.FactData]] = {
    "sign": lambda slug: v1.ReactionReported((slug,)),
    "suspected": c.ConditionSuspected,
    "confirmed": c.ConditionConfirmed,
    "excluded": c.ConditionExcluded,
    "evaluated": c.EvaluationCompleted,
    "treated": c.TherapyStarted,
    "reviewed": lambda slug: c.ReviewPerformed((slug,)),
    "counselled": lambda slug: CounsellingGiven((slug,)),
    "pregnancy": lambda slug: v1.PregnancyRecorded(),
}
WORDS = _words()


def histories(count: int, seed: int) -> list[History]:
    return [history(seed, number) for number in range(count)]


def history(seed: int, number: int) -> History:
    return HistoryWithFindings(random.Random(f"{seed}/{number}"))
