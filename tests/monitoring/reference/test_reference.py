"""The engine against the reference model on a few histories; the command of this folder asks of thousands."""

from collections.abc import Callable, Iterator
from datetime import date
from types import ModuleType

import pytest

from services.monitoring.rules.facts import Fact
from tests.monitoring.reference import model, statements
from tests.monitoring.reference.__main__ import cases
from tests.monitoring.reference.comparing import Case, differences, report, shrunk
from tests.monitoring.reference.infusions import Episode
from tests.monitoring.reference.obligations import Obligation, grid
from tests.monitoring.reference.protocol import Requirement
from tests.monitoring.reference.voids import VOIDS, Names

SEED = 20240515


def disagreeing(histories: int) -> Iterator[Case]:
    for number in range(histories):
        for case in cases(SEED, number, 1):
            if differences(case):
                yield case


@pytest.mark.slow
def test_the_engine_and_the_reference_model_give_one_answer() -> None:
    assert [report(shrunk(case)) for case in disagreeing(40)] == []


def _by_the_log_alone(group: list[Fact], names: Names) -> list[Fact]:
    return sorted(group, key=lambda fact: fact.position)


def _every_void_acts(facts: list[Fact], names: Names) -> list[tuple[Fact, Fact]]:
    return [(fact, one) for fact in facts if isinstance(fact.data, VOIDS) for one in names.of(fact.corrects)]


def _without_close_out(requirement: Requirement, episode: Episode) -> list[Obligation]:
    return [one for one in grid(requirement, episode) if one.key != "close-out"]


BENT: dict[str, tuple[ModuleType, str, Callable[..., object]]] = {
    "R4 the log alone orders what is said": (statements, "in_order", _by_the_log_alone),
    "R5 a voided void acts all the same": (statements, "acting", _every_void_acts),
    "R11 no close-out slot": (model, "grid", _without_close_out),
    "R20 what began late is somebody's fault": (model, "_began", lambda *question: date.min),
}


@pytest.mark.parametrize("bend", BENT)
def test_a_model_with_one_rule_bent_disagrees(bend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, bent = BENT[bend]
    monkeypatch.setattr(where, name, bent)

    assert next(disagreeing(20), None) is not None
