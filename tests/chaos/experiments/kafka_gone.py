"""Kafka gone, restarted, emptied, formatted anew, and its topic made anew behind everyone's back, all under load."""

import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from services.monitoring.publisher import CHANGES, SNAPSHOTS
from shared.contracts.v1.cloudevents import PARTITIONS, TOPIC
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka import checks
from tests.chaos.kafka.intime import in_time
from tests.chaos.kafka.stage import Stage, stage
from tests.real_parts.fixtures import wipe_kafka

_RATE = 60


class Reader:
    """A dashboard that goes on asking."""

    def __init__(self, river: Stage) -> None:
        self.good = self.bad = 0
        self._stop = threading.Event()
        self._address = f"{river.monitoring_url}/v1/obligations"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            try:
                answer = httpx.get(self._address, params={"limit": 1}, timeout=20)
                good = answer.status_code == httpx.codes.OK
            except httpx.TransportError:
                good = False
            self.good, self.bad = self.good + good, self.bad + (not good)


@in_time
def go(run: Run) -> Finding:
    with stage(run.folder) as river:
        river.begin(patches=["topics_have_no_id"] if run.without else [])
        with river.load(run.times(_RATE, 30), run.seed) as journal:
            river.flows()
            reader = Reader(river)
            broken, figures = _faults(run, river)
            reader.stop()
        broken += _settled(run, river, [journal])
        if reader.bad:
            broken.append(f"{reader.bad} of {reader.good + reader.bad} reads were not answered.")
        gone = int(figures.pop("recorded_while_gone", 0))
        faults = len(figures)
        counters = {"facts": river.recorded, "recorded_while_gone": gone, "faults": faults, "reads": reader.good}
        if run.without:
            return Finding(tuple(broken), counters, {"facts": 1}, figures)
        least = _seconds(run) * run.times(_RATE, 30) // 2
        return Finding(tuple(broken), counters, {"recorded_while_gone": least, "faults": run.times(5, 2)}, figures)


def _seconds(run: Run) -> int:
    """How long Kafka is gone."""
    return run.times(600, 2)


def _faults(run: Run, river: Stage) -> tuple[list[str], dict[str, float | int | str]]:
    """Each fault in turn, and the time until the projection has all that was recorded when it was over."""
    broken: list[str] = []
    figures: dict[str, float | int | str] = {}

    def gone() -> None:
        river.kafka.kill()
        before = river.recorded
        time.sleep(_seconds(run))
        figures["recorded_while_gone"] = river.recorded - before
        river.kafka.start()

    def restarted() -> None:
        river.kafka.stop()
        river.kafka.start()

    def formatted_anew() -> None:
        river.kafka.kill()
        river.kafka.wipe()
        river.kafka.start()

    faults: dict[str, Callable[[], None]] = {
        "gone": gone,
        "restarted": restarted,
        "topics_deleted": lambda: wipe_kafka(river.kafka.bootstrap),
        "formatted_anew": formatted_anew,
        "made_anew_and_shorter": lambda: _made_anew(river),
    }
    some = ["topics_deleted"] if run.without else ["gone", "topics_deleted"]
    chosen = list(faults) if run.size == "full" and not run.without else some
    patience = run.times(30, 6) if run.without else 180
    for name in chosen:
        faults[name]()
        over, at = time.monotonic(), river.recorded
        try:
            river.until(partial(_projected, river, at), f"Kafka {name}: all was projected", patience)
        except TimeoutError as late:
            broken.append(str(late))
        figures[f"{name}_caught_up_s"] = round(time.monotonic() - over, 1)
        run.say(f"{name}: {river.recorded} recorded, caught up after {figures[f'{name}_caught_up_s']} s")
    return broken, figures


def _projected(river: Stage, reached: int) -> bool:
    return river.projected >= reached


def _made_anew(river: Stage) -> None:
    """By somebody else, while the relay looks away and the consumer stands at a later offset than it has records."""
    relay = next(part for part in river.parts if part.words == "course relay")
    relay.send(signal.SIGSTOP)
    wipe_kafka(river.kafka.bootstrap)
    admin = KafkaAdminClient(bootstrap_servers=river.kafka.bootstrap)
    made = False
    while not made:
        try:
            admin.create_topics({TOPIC: {"num_partitions": PARTITIONS, "replication_factor": 1}})
            made = True
        except KafkaError:  # the old one is still being deleted
            time.sleep(0.1)
    admin.close()
    time.sleep(1)
    relay.send(signal.SIGCONT)


def _settled(run: Run, river: Stage, journals: list[Path]) -> list[str]:
    """Kafka holds the whole log again, the projection is the log, and a rebuild changes nothing."""
    standstill = run.times(30, 5) if run.without else 90
    broken: list[str] = []
    try:
        river.caught_up(standstill)
        river.arrives(lambda: river.course("select position from relay"), "the whole log was sent", standstill)
    except TimeoutError as late:
        broken.append(str(late))
    broken += checks.whole(river, journals, kafka="from the last beginning")
    if not run.without:
        broken += [*_refilled(river), *checks.rebuilt_the_same(river)]
    return broken


def _refilled(river: Stage) -> list[str]:
    """Monitoring's own topics hold every announcement, and a snapshot of every treatment, once all of it is sent."""
    told = river.monitoring("select head from stream")
    treatments = river.monitoring("select count(*) from treatment")
    for topic, what, wanted in ((CHANGES, "announcements", told), (SNAPSHOTS, "treatments' snapshots", treatments)):
        there = 0
        until = time.monotonic() + 60
        while there < wanted and time.monotonic() < until:
            there = checks.distinct(river.kafka.bootstrap, topic, by_key=topic == SNAPSHOTS)
        if there < wanted:
            return [f"Kafka holds {there} of {wanted} {what}."]
    return []


EXPERIMENTS = (
    Experiment(
        "kafka_gone",
        "While Kafka is gone facts go on being stored and lists answered; whatever was done to it meanwhile, the "
        "topic then holds the whole log again and the projection equals it, by itself.",
        go,
        "nobody notices that a topic was made anew",
    ),
)
