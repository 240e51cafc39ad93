"""Random histories as the other properties have them, and with all that findings ask for and what answers it."""

import random
from collections.abc import Callable
from datetime import timedelta

from shared.contracts.v1 import conditions as c
from shared.contracts.v1 import facts as v1
from shared.contracts.v1.courses import CounsellingGiven
from shared.contracts.v1.history import ScreeningCompleted
from tests.monitoring.properties.histories import History
from tests.monitoring.reference.protocol import read


class HistoryWithFindings(History):
    """Some of a few requirements' triggers and acts, close to each other, so that they meet."""

    def _follow_up(self) -> None:
        super()._follow_up()
        for _ in range(self.rng.choice((0, 1, 2, 4))):
            asks, answers = self.rng.choice(WORDS)
            day = self.anchor + timedelta(days=self.rng.randrange(-20, 1800))
            for _ in range(self.rng.randrange(1, 5)):
                self._tell(_fact(self.rng.choice(asks if self.rng.random() < 0.5 else answers)), day)
                day += timedelta(days=self.rng.choice((0, 0, 1, 3, 10)))


def _words() -> list[tuple[list[str], list[str]]]:
    """What each requirement of a finding asks after, and what answers it: words of acts, codes of one specimen."""
    found = []
    for one in read().requirements:
        if one.kind == "once":
            acts = [act for part in one.components for act in sorted(part.acts)]
            codes = [code for part in one.components for code in sorted(part.codes)[:1]]
            found.append((sorted(one.after), acts or ["lab:" + ",".join(codes)]))
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
