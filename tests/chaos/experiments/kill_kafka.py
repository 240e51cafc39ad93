"""kill -9 of the broker under load: what the relay wrote down as sent, and how both its clients come back.

The load rests until the broker is back, which is soonest so; `kafka_gone` has facts recorded meanwhile.
"""

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import WHOLE, Scene, ended, scene, verdict
from tests.chaos.parts import wait_for

RELAY = "course relay"


def go(run: Run) -> Finding:
    kills = run.times(20 if run.without else 300, 3)
    without = {RELAY: ("acks",)} if run.without else {}
    with scene(run, WHOLE, ("--rate", "350"), postgres=(), without=without) as on:
        while len(on.kills) < kills:
            _sends(on)
            on.let_flow(5, 100)
            _kill(on)
            on.say_how_far(len(on.kills), kills)
        return verdict(on, kills=kills, more=lambda _: ended(on))


def _kill(on: Scene) -> None:
    kafka = on.river.kafka
    assert kafka is not None
    # Facts that are recorded and that the relay has not yet written down as sent.
    working = on.progress.recorded() > on.progress.relayed()
    on.kills.add(kafka.kill(), working=working)
    with on.client.held():
        on.kill_while_it_recovers(kafka.kill, kafka.launch, 3.0)
        kafka.start()


def _sends(on: Scene) -> None:
    """The relay is at work again when it has written down that it sent something more."""
    before = on.progress.relayed()
    wait_for(lambda: on.progress.relayed() > before, lambda: on.river.trouble(RELAY))


EXPERIMENTS = (
    Experiment(
        "kill_kafka",
        "However often the broker is killed, Kafka gets every fact, the projection each of them once, and no part "
        "needs a restart.",
        go,
        "Kafka's acknowledgement (acks=0, and no look at whether it was sent)",
    ),
)
