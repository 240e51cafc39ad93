"""kill -9 of the broker under load: what the relay wrote down as sent, and how both its clients come back.

The load rests until the broker is back, which is soonest so; `kafka_gone` has facts recorded meanwhile.
"""

from contextlib import ExitStack

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import WHOLE, Scene, ended, scene, verdict
from tests.chaos.parts import broker, postgres, wait_for
from tests.real_parts.broker import KafkaBroker

RELAY = "course relay"


def go(run: Run) -> Finding:
    kills = run.times(20 if run.without else 300, 1)
    without = {RELAY: ("acks",)} if run.without else {}
    with ExitStack() as stack:
        kafka = broker()
        stack.callback(kafka.close)
        at_work = scene(run, WHOLE, run.times(350, 40), postgres=postgres(), kafka=kafka, without=without)
        on = stack.enter_context(at_work)
        while len(on.kills) < kills:
            _sends(on)
            on.let_flow(5, run.times(100, 40))
            _kill(on, kafka)
            on.say_how_far(len(on.kills), kills)
        return verdict(on, kills=kills, more=lambda _: ended(on))


def _kill(on: Scene, kafka: KafkaBroker) -> None:
    # Facts that are recorded and that the relay has not yet written down as sent.
    working = on.progress.recorded() > on.progress.relayed()
    on.kills.add(kafka.kill(), working=working)
    with on.client.held():
        on.kill_while_it_recovers(kafka.kill, kafka.launch, 3.0, share=0.3)
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
