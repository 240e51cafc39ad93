"""What all experiments that kill have in common: the river under load, and the verdict when it has come to rest."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine, create_engine, inspect, text

from tests.chaos.experiment import Finding, Run
from tests.chaos.oracle import compare, positions
from tests.chaos.oracle_journal import Told, read
from tests.chaos.oracle_places import Seen, in_feed, in_kafka, in_log, in_projection
from tests.chaos.parts import Client, River, wait_for
from tests.real_parts.broker import KafkaBroker
from tests.real_parts.postgres import PostgresServer

PER_SECOND = 200
"""Facts a second, while nothing is down, below which a full-sized experiment proves nothing."""
EMBEDDED = ("course api", "monitoring api")
WHOLE = ("course api", "course relay", "monitoring consume")
RECOVERING = 0.15
"""The share of kills that are followed by another while what was killed starts again."""
STANDSTILL = 90.0  # seconds without progress after which the river will not come to rest any more


@dataclass
class Kills:
    """When something was killed, and what it was doing: `working` says whether work was in flight."""

    at: list[float] = field(default_factory=list)
    working: list[bool] = field(default_factory=list)
    recovering: int = 0

    def __len__(self) -> int:
        return len(self.at) + self.recovering

    def add(self, at: float, *, working: bool) -> None:
        self.at.append(at)
        self.working.append(working)


class Progress:
    """How far the river is, by its own tables; one look costs a millisecond."""

    def __init__(self, river: River) -> None:
        self._kafka = river.kafka is not None
        self._course: Engine = create_engine(river.course_db, pool_pre_ping=True)
        self._monitoring: Engine = create_engine(river.monitoring_db, pool_pre_ping=True)

    def begun(self) -> bool:
        """Whether both services have made their tables."""
        return inspect(self._course).has_table("event") and inspect(self._monitoring).has_table("checkpoint")

    def recorded(self) -> int:
        return self._number(self._course, "select max(position) from event")

    def relayed(self) -> int:
        return self._number(self._course, "select position from relay")

    def relay_epoch(self) -> int:
        return self._number(self._course, "select epoch from relay")

    def projected(self) -> int:
        """Facts in the projection's own copy."""
        return self._number(self._monitoring, "select count(*) from fact")

    def checkpoint(self) -> int:
        """A number that rises with every batch projected."""
        return self._number(self._monitoring, "select sum(position) from checkpoint")

    def set_aside(self) -> int:
        return self._number(self._monitoring, "select count(*) from dead_letter")

    def rest(self) -> bool:
        """Whether everything recorded has arrived everywhere."""
        recorded = self.recorded()
        return self.projected() >= recorded and (not self._kafka or self.relayed() >= recorded)

    def close(self) -> None:
        self._course.dispose()
        self._monitoring.dispose()

    def _number(self, engine: Engine, query: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar() or 0)


@dataclass
class Scene:
    run: Run
    river: River
    client: Client
    progress: Progress
    kills: Kills = field(default_factory=Kills)
    flowed: int = 0
    flowing: float = 0.0  # seconds

    def pause(self, least: float, most: float) -> None:
        time.sleep(self.draw.uniform(least, most))

    def __post_init__(self) -> None:
        self.draw = self.run.random

    def let_flow(self, least: int, most: int, seconds: float = 60.0) -> None:
        """Waits until a random number of further facts is recorded: kills come at random, but never into silence."""
        before, began = self.progress.recorded(), time.monotonic()
        until = before + self.draw.randint(least, most)
        wait_for(lambda: self.progress.recorded() >= until, lambda: "the load stands still", seconds)
        self.flowed += self.progress.recorded() - before
        self.flowing += time.monotonic() - began

    def kill_while_it_recovers(
        self, kill: Callable[[], float], launch: Callable[[], object], latest: float, share: float = RECOVERING
    ) -> None:
        """Now and then it is killed again on its way back, after up to `latest` seconds, and again."""
        while self.draw.random() < share:
            launch()
            self.pause(0.0, latest)
            kill()
            self.kills.recovering += 1

    def say_how_far(self, done: int, of: int) -> None:
        if done % max(1, of // 20) == 0:
            self.run.say(f"{done} of {of} kills, {self.progress.recorded()} facts recorded")


@contextmanager
def scene(
    run: Run,
    parts: Sequence[str],
    rate: int,
    load: Sequence[str] = (),
    *,
    postgres: PostgresServer | None = None,
    kafka: KafkaBroker | None = None,
    without: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Scene]:
    """The river with the parts named, under a load of `rate` facts a second; on SQLite where no server is named."""
    with ExitStack() as stack:
        river = River(run.folder, postgres=postgres, kafka=kafka)
        stack.callback(river.close)
        river.without |= dict(without or {})
        for part in parts:
            river.start(part)
            if part.endswith(" api"):
                river.serves(part)
        abreast = str(run.times(40, 12))
        options = ("--seed", str(run.seed), "--treatments", abreast, "--rate", str(rate), *load)
        client = Client(run.folder, river.course_url, *options)
        stack.callback(client.close)
        progress = Progress(river)
        stack.callback(progress.close)
        wait_for(progress.begun, lambda: river.trouble(parts[-1]))
        yield Scene(run, river, client, progress)


def ended(on: Scene) -> list[str]:
    """Parts of the product that did not live through what happened to others."""
    return [f"{name} has ended by itself." for name, part in on.river.parts.items() if not part.alive]


def verdict(on: Scene, *, kills: int, settle: bool = True, more: Callable[[Told], list[str]] | None = None) -> Finding:
    """Ends the load, waits until all has arrived, and compares every place with the client's journal."""
    on.client.stop()
    told = read(on.client.journal)
    broken = [*dict.fromkeys(told.wrong)][:5]
    if settle and (stands := _settled(on)):
        broken.append(stands)
    if settle and (aside := on.progress.set_aside()):
        broken.append(f"{aside} facts were set aside as if they could not be read.")
    for place, facts, doubles in _places(on, settle=settle):
        broken += compare(told, place, facts(), doubles=doubles)
        if place in {"log", "feed"}:
            broken += positions(place, facts())
    broken += more(told) if more else []
    working = sum(on.kills.working) if on.kills.working else sum(n > 0 for n in told.in_flight(on.kills.at))
    counters = {
        "kills": len(on.kills),
        "in_flight": working,
        "while_recovering": on.kills.recovering,
        "acknowledged": len(told.acknowledged),
        "facts_per_second": int(on.flowed / max(on.flowing, 1e-9)),
        "failed_requests": told.failures,
        "replays": told.replays,
    }
    floors = {"kills": kills, "in_flight": (kills + 1) // 2}
    if on.run.size == "full" and not on.run.without:
        floors["facts_per_second"] = PER_SECOND
    figures = {"facts_per_second_with_outages": int(told.per_second)}
    return Finding(tuple(broken), counters, floors, figures)


def _places(on: Scene, *, settle: bool) -> list[tuple[str, Callable[[], Iterator[Seen]], bool]]:
    river = on.river
    found: list[tuple[str, Callable[[], Iterator[Seen]], bool]] = [
        ("log", lambda: in_log(river.course_db), False),
        ("feed", lambda: in_feed(river.course_url), False),
    ]
    if settle and (kafka := river.kafka) is not None:
        found.append(("Kafka", lambda: in_kafka(kafka.bootstrap), True))
    if settle:
        found.append(("projection", lambda: in_projection(river.monitoring_db), False))
    return found


def _settled(on: Scene) -> str | None:
    """None when all has arrived; otherwise the sentence that says what stands still."""
    seen, since = (0, 0), time.monotonic()
    while not on.progress.rest():
        now = (on.progress.projected(), on.progress.relayed() if on.river.kafka else 0)
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > (10.0 if on.run.without else STANDSTILL):
            return f"Of {on.progress.recorded()} facts {now[0]} were projected, and nothing moves any more."
        time.sleep(0.1)
    return None
