"""The network fails between the parts that Kafka and PostgreSQL connect, in every way in which networks fail."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka import checks
from tests.chaos.kafka.intime import in_time
from tests.chaos.kafka.network import ENTERED, WAYS, Network, NoNetworks, Way
from tests.chaos.kafka.stage import Stage, stage
from tests.real_parts import broker
from tests.real_parts.postgres import PostgresServer

RATE = 80
LONG = 30.0
"""Seconds; longer than any of our timeouts."""


@dataclass(frozen=True)
class Cut:
    """One failure of the network between the processes behind a wire and a server."""

    network: Network
    port: int
    way: Way
    seconds: float
    name: str


@in_time
def go(run: Run) -> Finding:
    number = 2 if run.without else run.times(len(WAYS) * 4, 4)
    try:
        with _river(run) as (river, links):
            return _go(run, river, _cuts(run, links, number))
    except NoNetworks as missing:
        run.say(str(missing))
        return Finding((), {"cuts": 0}, {"cuts": number}, {"why": str(missing)})


def _go(run: Run, river: Stage, cuts: list[Cut]) -> Finding:
    broken: list[str] = []
    stopped, slowest, bitten = 0, 0.0, 0
    with river.load(RATE, run.seed) as journal:
        river.flows()
        for done, cut in enumerate(cuts, 1):
            cut.network.cut(cut.port, cut.way)
            time.sleep(cut.seconds)
            packets = cut.network.heal()
            stopped, bitten = stopped + packets, bitten + (packets > 0)
            healed, at = time.monotonic(), river.recorded
            if not run.without:
                river.until(lambda at=at: river.projected > at, f"all flowed again after {cut.name}", 150)
                slowest = max(slowest, time.monotonic() - healed)
                run.say(f"{done} of {len(cuts)}: {cut.name}, {time.monotonic() - healed:.1f} s until all flowed again")
    broken += _kafka_alone(river, journal) if run.without else _settled(river, [journal])
    counters = {"cuts": len(cuts), "cuts_that_stopped_packets": bitten, "packets": stopped, "facts": river.recorded}
    floors = {"cuts_that_stopped_packets": len(cuts), "facts": len(cuts) * 20}
    return Finding(tuple(broken), counters, floors, {"flowed_again_after_at_most_s": round(slowest, 1)})


def _cuts(run: Run, links: dict[str, tuple[Network, int]], number: int) -> list[Cut]:
    """Each way on each link, in any order; every fifth is long."""
    draw = run.random
    names = ["relay | Kafka"] if run.without else list(links)
    ways = ("reject",) if run.without else WAYS
    found = [(name, way) for name in names for way in ways]
    draw.shuffle(found)
    if run.size == "short" and not run.without:
        # Each link and each way but one, of which none takes long to be noticed.
        found = list(zip(names, ("drop", "reject", "nothing goes out", "nothing comes in"), strict=True))
    cuts = []
    for one in range(number):
        name, way = found[one % len(found)]
        network, port = links[name]
        long = run.size == "full" and not run.without and one % 5 == 4
        seconds = LONG if long else draw.uniform(2, 10) if run.size == "full" else 3.0 if run.without else 1.0
        cuts.append(Cut(network, port, way, seconds, f"{name}, {way}, {seconds:.0f} s"))
    return cuts


@contextmanager
def _river(run: Run) -> Iterator[tuple[Stage, dict[str, tuple[Network, int]]]]:
    """The relay behind one wire, the course service and the consumer behind another; the servers are on this side."""
    with ExitStack() as stack:
        relay, services = Network(0), Network(1)
        for one in (relay, services):
            stack.callback(one.close)
        broker.prepare()
        kafka = broker.KafkaBroker(host=services.outside)
        server = stack.enter_context(_postgres(run, services.outside))
        where = {"server": server, "course_host": services.inside}
        river = stack.enter_context(stage(run.folder, kafka, **where))
        river.begin([])
        lost = ["checkpoint_before_acknowledgement"] if run.without else []
        river.add("course api", "in_its_network", COURSEWATCH_HOST=services.inside, **{ENTERED: services.name})
        river.add("course relay", "in_its_network", *lost, **{ENTERED: relay.name})
        river.add("monitoring consume", "in_its_network", **{ENTERED: services.name})
        river.add("monitoring api")
        river.ready(["course api", "monitoring api"])
        database = make_url(server).port or 0
        yield (
            river,
            {
                "relay | Kafka": (relay, kafka.port),
                "relay | PostgreSQL": (relay, database),
                "consumer | Kafka": (services, kafka.port),
                "course service and consumer | PostgreSQL": (services, database),
            },
        )


@contextmanager
def _postgres(run: Run, host: str) -> Iterator[str]:
    """A server that those behind the wires can reach, and its address."""
    trusted = Path("/tmp") / f"chaos-{time.monotonic_ns()}-hba.conf"
    trusted.write_text("local all all trust\nhost all all 0.0.0.0/0 trust\n", encoding="ascii")
    trusted.chmod(0o644)
    server = PostgresServer(f"listen_addresses=127.0.0.1,{host}", f"hba_file={trusted}")
    try:
        server.start()
        yield make_url(server.url).set(host=host).render_as_string(hide_password=False)
    finally:
        server.close()
        trusted.unlink()


def _kafka_alone(river: Stage, journal: Path) -> list[str]:
    """The control: what the relay wrote down as sent against what Kafka holds."""
    river.arrives(lambda: river.course("select position from relay"), "the whole log was written down as sent")
    return [sentence for sentence in checks.whole(river, [journal]) if sentence.startswith("Kafka")]


def _settled(river: Stage, journals: list[Path]) -> list[str]:
    try:
        river.arrives(lambda: river.course("select position from relay"), "the whole log was sent")
        river.caught_up()
    except TimeoutError as late:
        return [str(late), *checks.whole(river, journals)]
    return checks.whole(river, journals) + checks.rebuilt_the_same(river)


EXPERIMENTS = (
    Experiment(
        "partitions",
        "Whatever way the network fails between the parts and Kafka or PostgreSQL: when it is whole again everything "
        "arrives, each fact once, each treatment's in its order, and no part needs a restart.",
        go,
        "the checkpoint moves before Kafka has acknowledged",
    ),
)
