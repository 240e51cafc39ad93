"""One patient of 48 months: everything that holds on a day, and what one more result costs the projection's rules.

Beside it the decoding of the same facts, which nobody who reads them can save.
"""

import time
from collections.abc import Callable
from datetime import UTC, date

from services.monitoring.facts import read_fact
from services.monitoring.projector.judging import judge
from services.monitoring.projector.states import State
from services.monitoring.rules.assess import assess
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1.facts import LabResultCorrected, LabResultRecorded
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved
from tests.benchmarks.memory import own_peak
from tests.benchmarks.patients import FACTS, log
from tests.scenario import EDITION

DAYS = (date(2021, 9, 1), date(2023, 2, 1), date(2024, 3, 20))  # in the middle, late, and after the last result


def go(bench: Bench) -> Measured:
    patients = [list(log(1, seed=bench.seed + number)) for number in range(bench.times(20, 2))]
    known = [_decoded(items) for items in patients]
    grown = [_grown(facts) for facts in known]
    counts: dict[str, int | float | str] = {
        "patients": len(patients),
        "facts": sum(map(len, known)),
        "results": sum(len(one.spent) for one in grown),
    }

    def whole() -> float:
        answers = [lambda facts=facts, on=on: assess(EDITION, facts, on) for facts in known for on in DAYS]
        return _each(answers) * 1e3

    def decoding() -> float:
        return _each([lambda items=items: _decoded(items) for items in patients]) * 1e3

    def one_more() -> float:
        spent = [seconds for facts in known for seconds in _grown(facts).spent]
        return sum(spent) / len(spent) * 1e6

    sides = interleaved(
        {"assess": whole, "decoding": decoding, "one more result": one_more}, bench.rounds(), warm_up=1, say=bench.say
    )
    goals = (
        Goal("assess", at_most=5, called="assess, 300 facts"),
        Goal("one more result", at_most=50),
    )
    units = {"assess": "ms", "decoding": "ms", "one more result": "µs"}
    wrong = [sentence for facts, one in zip(known, grown, strict=True) for sentence in _wrong(facts, one.state)]
    return Measured(sides, units, goals, wrong, {"rules": own_peak()}, counts)


class _Grown:
    """A treatment that grew fact by fact, and the seconds that each result in time took."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.spent: list[float] = []


def _grown(facts: list[Fact]) -> _Grown:
    opening = facts[0]
    one = _Grown(State(opening.treatment, EDITION.protocol, "", "UTC", "UTC", 0))
    for fact in facts:
        ordinary = isinstance(fact.data, LabResultRecorded) and not isinstance(fact.data, LabResultCorrected)
        began = time.perf_counter()
        judged = judge(EDITION, one.state, fact, announce=False)
        spent = time.perf_counter() - began
        one.state = judged.state
        if ordinary and judged.spans and (fact.business_id is None or fact.business_id.version == 1):
            one.spent.append(spent)
    return one


def _decoded(items: list[bytes]) -> list[Fact]:
    """As the consumer reads them: the envelope, the data, the instants."""
    facts = []
    for value in items:
        fact = read_fact(value)
        assert isinstance(fact, Fact), fact
        facts.append(fact)
    return facts


def _each(work: list[Callable[[], object]]) -> float:
    """Seconds for one of them."""
    began = time.perf_counter()
    for one in work:
        one()
    return (time.perf_counter() - began) / len(work)


def _wrong(facts: list[Fact], state: State) -> list[str]:
    """The grown treatment must say what one that is read at once says."""
    assert state.view is not None
    on = facts[-1].recorded_at.astimezone(UTC).date()
    whole = Treatment(EDITION, facts)
    lines = [[one.chapter(name).roll_up(on) for name in EDITION.requirements] for one in (state.view, whole)]
    return [] if lines[0] == lines[1] else [f"A patient of {len(facts)} facts grew into something else."]


BENCHMARKS = (Benchmark("assess", f"one patient, 48 months, {FACTS} facts", go),)
