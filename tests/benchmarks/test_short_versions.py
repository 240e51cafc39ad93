"""The short version of every benchmark: it measures something, and the results of all its sides are right."""

from pathlib import Path

import pytest

from tests.benchmarks.catalogue import benchmarks
from tests.benchmarks.frame import Bench, Benchmark


class _Fixtures:
    """The real parts of the tests, where a benchmark asks for stores."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    def database(self) -> str:
        return str(self._request.getfixturevalue("new_database")())

    def kafka(self) -> str:
        return str(self._request.getfixturevalue("kafka_bootstrap"))


@pytest.mark.parametrize("benchmark", benchmarks(), ids=lambda benchmark: benchmark.name)
def test_a_benchmark_measures_right_results(
    benchmark: Benchmark, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    seen = benchmark.go(Bench("short", _Fixtures(request), tmp_path, say=lambda _: None))
    assert not seen.wrong
    assert seen.goals
    assert all(rounds and min(rounds) > 0 for rounds in seen.sides.values())
    assert all(goal.ratios(seen.sides) for goal in seen.goals)
    assert set(seen.units) == set(seen.sides)
