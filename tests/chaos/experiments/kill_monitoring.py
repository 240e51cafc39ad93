"""kill -9 of what projects: the consumer of Kafka on PostgreSQL, the monitoring api that reads the feed on SQLite."""

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import EMBEDDED, WHOLE, Scene, scene, verdict
from tests.chaos.parts import kafka, postgres, wait_for

CONSUMER, API, RELAY = "monitoring consume", "monitoring api", "course relay"
RELAY_EVERY = 3
"""After so many kills of the consumer the relay is killed too: it then sends some facts twice."""


def consumer(run: Run) -> Finding:
    kills = run.times(40 if run.without else 300, 2)
    without = {CONSUMER: ("quick_group", *(("dedupe",) if run.without else ()))}
    if run.size == "short":
        without[RELAY] = ("slow_checkpoint",)
    with scene(run, WHOLE, run.times(250, 40), postgres=postgres(), kafka=kafka(), without=without) as on:
        _projects(on, CONSUMER)
        every = run.times(RELAY_EVERY, 1)
        for done in range(kills):
            if done % every == every - 1:
                on.river.kill(RELAY)
                on.river.start(RELAY)
            on.let_flow(10, run.times(120, 40))
            _kill(on, CONSUMER)
            on.say_how_far(done + 1, kills)
        return verdict(on, kills=kills)


def api(run: Run) -> Finding:
    kills = run.times(40 if run.without else 300, 2)
    without = {API: ("one_transaction",)} if run.without else {}
    with scene(run, EMBEDDED, run.times(350, 40), without=without) as on:
        _projects(on, API)
        for done in range(kills):
            on.let_flow(10, run.times(120, 40))
            _kill(on, API)
            on.say_how_far(done + 1, kills)
        return verdict(on, kills=kills)


def _kill(on: Scene, part: str) -> None:
    # Facts that are recorded and not projected.
    working = on.progress.recorded() > on.progress.projected()
    on.kills.add(on.river.kill(part), working=working)
    on.river.start(part)
    _projects(on, part)


def _projects(on: Scene, part: str) -> None:
    """It is at work again when it has projected something new."""
    before = on.progress.projected()
    wait_for(lambda: on.progress.projected() > before, lambda: on.river.trouble(part))


EXPERIMENTS = (
    Experiment(
        "kill_consumer",
        "However often the consumer is killed, and whatever comes twice, each fact is projected once.",
        consumer,
        "dedupe off",
    ),
    Experiment(
        "kill_monitoring_api",
        "However often the monitoring service is killed, each fact is projected once.",
        api,
        "the checkpoint in a transaction of its own, and dedupe off",
    ),
)
