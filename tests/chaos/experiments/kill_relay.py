"""kill -9 of the relay at random moments while facts come in, and what Kafka and the projection then hold."""

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import WHOLE, Scene, scene, verdict
from tests.chaos.parts import kafka, postgres, wait_for

PART = "course relay"


def go(run: Run) -> Finding:
    kills = run.times(40 if run.without else 300, 2)
    without = {PART: ("acknowledgement",)} if run.without else {}
    with scene(run, WHOLE, run.times(350, 40), postgres=postgres(), kafka=kafka(), without=without) as on:
        _at_work(on, 0)
        for done in range(kills):
            on.let_flow(10, run.times(120, 40))
            epoch = on.progress.relay_epoch()
            # Facts that are recorded and that it has not yet written down as sent.
            working = on.progress.recorded() > on.progress.relayed()
            on.kills.add(on.river.kill(PART), working=working)
            on.river.start(PART)
            _at_work(on, epoch)
            on.say_how_far(done + 1, kills)
        return verdict(on, kills=kills)


def _at_work(on: Scene, epoch: int) -> None:
    """A relay at work has taken the lease, which raises its epoch."""
    wait_for(lambda: on.progress.relay_epoch() > epoch, lambda: on.river.trouble(PART))


EXPERIMENTS = (
    Experiment(
        "kill_relay",
        "However often the relay is killed, Kafka gets every fact, and the projection each of them once.",
        go,
        "the checkpoint moves before Kafka has acknowledged",
    ),
)
