"""Random histories as the other properties have them, and with all that findings ask for and what answers it."""

import random
import tomllib
from collections.abc import Callable
from datetime import timedelta

from shared.contracts.v1 import conditions as c
from shared.contracts.v1 import facts as v1
from shared.contracts.v1.courses import CounsellingGiven
from shared.contracts.v1.history import ScreeningCompleted
from tests.monitoring.properties.histories import History
from tests.monitoring.reference.protocol import FOLDER


class HistoryWithFindings(History):
    """Some of a few requirements' triggers and acts, close to each other, so that they meet."""

    def _follow_up(self) -> None:
        super()._follow_up()
        for _ in range(self.rng.choice((0, 0, 1, 3))):
            asks, answers = self.rng.choice(WORDS)
            day = self.anchor + timedelta(days=self.rng.randrange(-20, 1800))
            for _ in range(self.rng.randrange(1, 5)):
                if self.rng.random() < 0.5 or not answers:
                    self._tell(_fact(self.rng.choice(asks)), day)
                else:
                    self._tell(_fact(self.rng.choice(answers)), day)
                day += timedelta(days=self.rng.choice((0, 0, 1, 3, 10)))


def _words() -> list[tuple[list[str], list[str]]]:
    file = tomllib.loads((FOLDER / "alemtuzumab-ms/findings.toml").read_text("utf-8"))
    return [
        (one["timing"]["after"], [act for part in one.get("component", ()) for act in part.get("act", ())])
        for one in file["requirement"]
    ]


def _fact(word: str) -> v1.FactData:
    kind, slug, *more = word.split(":")
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
