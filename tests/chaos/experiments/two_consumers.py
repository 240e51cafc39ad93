"""Two consumers of one group under load: they join, leave, are killed, or frozen past their session and woken."""

import signal
import time
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from sqlalchemy import Engine, create_engine

from services.monitoring.transport.kafka import GROUP
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka import checks
from tests.chaos.kafka.intime import in_time
from tests.chaos.kafka.sessions import is_in_a_transaction
from tests.chaos.kafka.stage import LAYOUT, Part, Stage, stage

CONSUMER = "monitoring consume"
PATIENCE = 150.0
TRIES = 200
"""How often it is looked whether a consumer happens to be in a transaction, before it is frozen anyway."""


@in_time
def go(run: Run) -> Finding:
    faults = run.times(40, 3) if not run.without else run.times(12, 3)
    with stage(run.folder) as river:
        river.begin([words for words in LAYOUT if words != CONSUMER])
        patches = ["quick_group", *(["effect_and_checkpoint_apart"] if run.without else [])]
        both = [river.add(CONSUMER, *patches) for _ in range(2)]
        with river.load(run.times(120, 40), run.seed) as journal:
            river.flows()
            broken, seen = _faults(run, river, both, faults)
        broken += _settled(run, river, [journal])
        counters = {"faults": faults, **seen, "facts": river.recorded}
    floors = {"facts": faults * 20} if run.without else {"shared": faults, "frozen": faults // 3, "facts": faults * 20}
    if run.size == "full" and not run.without:
        floors["frozen_in_a_transaction"] = faults // 6
    return Finding(tuple(broken), counters, floors)


def _faults(run: Run, river: Stage, both: list[Part], number: int) -> tuple[list[str], dict[str, int]]:
    """Each fault at a moment at which both read; the other one has to take over while it lasts."""
    draw, engine = run.random, create_engine(river.monitoring_db)
    admin = KafkaAdminClient(bootstrap_servers=river.kafka.bootstrap)
    seen = {"shared": 0, "frozen": 0, "frozen_in_a_transaction": 0}
    for done in range(number):
        _flow(river, draw.randint(10, run.times(80, 20)))
        one = both[done % 2]
        kind = ("freeze", "kill", "leave")[done] if done < 3 else draw.choice(("freeze", "freeze", "kill", "leave"))
        try:
            river.until(lambda: _readers(admin) == 2, "both consumers read")
            seen["shared"] += 1
            match kind:
                case "freeze":
                    seen["frozen"] += 1
                    seen["frozen_in_a_transaction"] += _frozen(engine, one)
                case "kill":
                    one.kill()
                case _:
                    one.stop()
            at = river.recorded
            river.until(lambda at=at: river.projected >= at, f"the other consumer took over after a {kind}", PATIENCE)
        except TimeoutError as late:
            return [str(late)], seen
        if kind == "freeze":
            one.send(signal.SIGCONT)
        else:
            one.start()
        if done % 6 == 5:
            run.say(f"{done + 1} of {number} faults, {river.recorded} facts recorded, {seen}")
    return [], seen


def _frozen(engine: Engine, one: Part) -> bool:
    """Frozen, in the middle of a transaction if one comes by: it then holds the row that all writers need."""
    for _ in range(TRIES):
        one.send(signal.SIGSTOP)
        if is_in_a_transaction(engine, one.process.pid):
            return True
        one.send(signal.SIGCONT)
        time.sleep(0.003)
    one.send(signal.SIGSTOP)
    return False


def _readers(admin: KafkaAdminClient) -> int:
    """How many members of the group have partitions, while the group is at rest."""
    try:
        group = admin.describe_groups([GROUP])[GROUP]
    except KafkaError:
        return 0
    return len(group["members"]) if group["group_state"] == "Stable" else 0


def _flow(river: Stage, facts: int) -> None:
    until = river.recorded + facts
    river.until(lambda: river.recorded >= until, "facts were recorded")


def _settled(run: Run, river: Stage, journals: list[Path]) -> list[str]:
    try:
        river.caught_up(20 if run.without else 90)
    except TimeoutError as late:
        return [str(late)]
    return checks.whole(river, journals) + checks.rebuilt_the_same(river)


EXPERIMENTS = (
    Experiment(
        "two_consumers",
        "Two consumers share the topic; whichever joins, leaves, is killed, or frozen and woken too late, the other "
        "takes over, each fact is projected once, and a rebuild finds the same.",
        go,
        "the checkpoint in a transaction of its own, and dedupe off",
    ),
)
