"""The projection built anew from the log, beside the same rules over the same facts in memory, with no store at all."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved
from tests.benchmarks.patients import FACTS, log
from tests.benchmarks.servers import Server

FULL = (10_000, 100_000, 1_000_000)
SHORT = (600, 1_200)
HOURS = 3 * 3600


@dataclass(frozen=True)
class Done:
    seconds: float
    facts: int
    spans: int
    peak: float


def _go(store: str, bench: Bench) -> Measured:
    sizes = FULL if bench.size == "full" else SHORT
    done: dict[str, Done] = {}
    sides: dict[str, list[float]] = {}
    for facts in sizes:
        file = bench.folder / f"log-{facts}.ndjson"
        _written(file, facts, bench.seed)
        bench.say(f"a log of {facts:,} facts")
        with Server(("-m", "tests.benchmarks.feed_file", str(file), "{port}"), bench.folder, f"feed-{facts}") as feed:

            def turn(side: str, facts: int = facts, file: Path = file, url: str = feed.url) -> float:
                database = "" if side == "memory" else _database(store, bench)
                done[f"{side}, {facts:,}"] = one = _side(side, file, url, database)
                return one.facts / one.seconds

            named: dict[str, Callable[[], float]] = {
                f"{side}, {facts:,}": partial(turn, side) for side in ("rebuild", "memory")
            }
            # The greatest is long enough for one round, and takes too long for three.
            sides |= interleaved(named, 1 if facts == max(sizes) else bench.rounds(3), say=bench.say)
        file.unlink()
    per_fact = {f"a fact of {facts:,}": [1e6 / rate for rate in sides[f"rebuild, {facts:,}"][:1]] for facts in sizes}
    goals = [Goal(f"rebuild, {facts:,}", f"memory, {facts:,}", at_least=0.5) for facts in sizes]
    goals += [
        Goal(f"a fact of {facts:,}", f"a fact of {sizes[0]:,}", at_most=1.1, called=f"cost a fact, {facts:,}")
        for facts in sizes[1:]
    ]
    units = dict.fromkeys(sides, "facts/s") | dict.fromkeys(per_fact, "µs")
    peaks = {name: one.peak for name, one in done.items()}
    return Measured({**sides, **per_fact}, units, goals, _wrong(sizes, done), peaks, _counts(done))


def _database(store: str, bench: Bench) -> str:
    if store == "postgresql":
        return bench.stores.database()
    file = bench.folder / "live.db"
    for old in bench.folder.glob("live.db*"):
        old.unlink()
    return f"sqlite:///{file}"


def _written(file: Path, facts: int, seed: int) -> None:
    with file.open("wb") as out:
        out.writelines(item + b"\n" for item in log(-(-facts // FACTS), seed, facts))


def _side(side: str, file: Path, url: str, database: str) -> Done:
    command = [sys.executable, "-m", "tests.benchmarks.baselines.rebuilding", side, str(file), url, database]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=HOURS)
    return Done(**json.loads(told.stdout))


def _wrong(sizes: tuple[int, ...], done: dict[str, Done]) -> list[str]:
    wrong = []
    for facts in sizes:
        ours, memory = done[f"rebuild, {facts:,}"], done[f"memory, {facts:,}"]
        if (ours.facts, ours.spans) != (facts, memory.spans):
            wrong.append(f"Of {facts} facts {ours.facts} are there, with {ours.spans} spans instead of {memory.spans}.")
    return wrong


def _counts(done: dict[str, Done]) -> dict[str, int | float | str]:
    return {f"spans, {name}": one.spans for name, one in done.items()}


BENCHMARKS = (
    Benchmark("rebuild", "rebuild of the projection, PostgreSQL", partial(_go, "postgresql")),
    Benchmark("rebuild-sqlite", "rebuild of the projection, SQLite", partial(_go, "sqlite")),
)
