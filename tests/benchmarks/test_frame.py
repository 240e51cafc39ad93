"""How figures become verdicts."""

import subprocess
import sys
from collections.abc import Callable
from subprocess import PIPE

from tests.benchmarks.frame import Goal, interleaved, quantile
from tests.benchmarks.memory import Memory, own_peak


def test_a_goal_compares_its_sides_round_by_round() -> None:
    sides = {"ours": [60.0, 6.0, 70.0], "stock": [10.0, 1.0, 10.0]}  # the machine was busy in the second round
    assert Goal("ours", "stock", at_least=6).ratios(sides) == [6, 6, 7]
    assert Goal("ours", "stock", at_least=6).verdict(sides) == "reached"
    assert Goal("ours", "stock", at_least=8).verdict(sides) == "short by 25%"


def test_a_goal_that_is_a_ceiling_is_missed_from_above() -> None:
    sides = {"with": [30.0], "without": [10.0]}
    assert Goal("with", "without", at_most=3).verdict(sides) == "reached"
    assert Goal("with", "without", at_most=2).verdict(sides) == "over by 50%"
    assert Goal("with", at_most=20).verdict(sides) == "over by 50%"


def test_no_side_always_runs_first_and_warming_up_is_not_kept() -> None:
    order: list[str] = []

    def side(name: str) -> Callable[[], float]:
        def turn() -> float:
            order.append(name)
            return float(len(order))

        return turn

    seen = interleaved({"a": side("a"), "b": side("b")}, 2, warm_up=1)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert seen == {"a": [4.0, 5.0], "b": [3.0, 6.0]}


def test_a_quantile_is_a_value_that_was_seen() -> None:
    assert quantile([float(n) for n in range(1, 101)], 0.99) == 99
    assert quantile([5.0], 0.99) == 5
    assert quantile([float(n) for n in range(1, 1001)], 0.5) == 500


def test_the_memory_of_a_watched_process_is_its_peak() -> None:
    """A process of its own: one of several workers that run tests may have children, which count too."""
    alone = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=PIPE, stdout=PIPE)
    with alone, Memory() as memory:
        assert alone.stdout
        assert alone.stdout.readline()
        memory.watch("it", pid=alone.pid)
        seen = memory.peaks()["it"]
        alone.communicate(b"\n")
    assert 2 < seen < own_peak()
