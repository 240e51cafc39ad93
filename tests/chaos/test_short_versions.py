"""Every experiment on faults in its short version: seconds instead of hours, on the same real parts."""

from pathlib import Path

import pytest

from tests.chaos.catalogue import experiments
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka.network import NoNetworks
from tests.real_parts.machine import MissingPartError

# An experiment kills its processes and does not stay to bury each of them.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")]

EXPERIMENTS = experiments()
# With Kafka and all four processes each takes as long as many other tests, and most of them take away what the control
# of an experiment without Kafka takes away too. `make chaos ARGS='--size short'` runs them.
CONTROLS_LEFT_OUT = frozenset(
    {
        "fork_kafka",
        "kafka_gone",
        "kill_consumer",
        "kill_course_api_postgresql",
        "kill_kafka",
        "kill_postgresql",
        "partitions",
        "poison",
        "two_consumers",
        "two_relays",
    }
)
CONTROLLED = [one for one in EXPERIMENTS if one.control is not None and one.name not in CONTROLS_LEFT_OUT]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_what_an_experiment_promises_holds(experiment: Experiment, tmp_path: Path) -> None:
    finding = _short(experiment, tmp_path)

    assert finding.broken == ()
    assert finding.short_of == {}


@pytest.mark.parametrize("experiment", CONTROLLED, ids=lambda one: one.name)
def test_without_the_protection_it_does_not_hold(experiment: Experiment, tmp_path: Path) -> None:
    assert _short(experiment, tmp_path, without=True).broken


def test_every_experiment_has_a_control_or_says_why_it_has_none() -> None:
    assert [one.name for one in EXPERIMENTS if one.control is None and not one.why_no_control] == []
    assert {one.name for one in EXPERIMENTS if one.control is not None} >= CONTROLS_LEFT_OUT


def _short(experiment: Experiment, folder: Path, *, without: bool = False) -> Finding:
    """Skips where the machine does not lend its instruments (strace, mounts, networks): the product needs none."""
    try:
        return experiment.go(Run("short", 1, folder, print, without))
    except (MissingPartError, NoNetworks) as missing:
        pytest.skip(str(missing))
