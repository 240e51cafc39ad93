"""From Kafka to the projection, facts of many treatments interleaved, beside the library's runner and a bare upsert."""

import json
import subprocess
import sys
from collections.abc import Sequence
from uuid import UUID

from services.course.application import LogEntry
from services.course.publishing import Publisher, make_topics
from services.monitoring.facts import FeedItem, read_item
from tests.benchmarks.baselines.stock import FactRecorded, stock
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved
from tests.benchmarks.patients import log
from tests.monitoring.stores import opened

HOURS = 3 * 3600
_SAVED = 500


def go(bench: Bench) -> Measured:
    patients, facts = bench.times(500, 4), bench.times(25_000, 120)
    items = list(log(patients, bench.seed, facts))
    bootstrap = bench.stores.kafka()
    _published(bootstrap, items)
    logged = bench.stores.database()
    with opened(logged):  # the product's tables, beside the library's
        _saved(logged, items)
    bench.say(f"{facts:,} facts of {patients} treatments are on Kafka and in the library's log")
    done: dict[str, dict[str, float]] = {}

    def turn(side: str) -> float:
        database = logged if side == "runner" else bench.stores.database()
        done[side] = one = _side(side, bootstrap, database, facts)
        return facts / one["seconds"]

    sides = interleaved(
        {"ours": lambda: turn("ours"), "upsert": lambda: turn("upsert")}, bench.rounds(3), say=bench.say
    )
    # Its one round takes as long as all the others: its log is read once.
    sides["runner"] = [turn("runner")] * len(sides["ours"])
    bench.say(f"runner {sides['runner'][0]:,.4g}")
    wrong = [f"{side} kept {one['facts']:.0f} of {facts} facts." for side, one in done.items() if one["facts"] != facts]
    if done["runner"]["spans"] != done["ours"]["spans"]:
        wrong.append(f"{done['ours']['spans']:.0f} spans are there, and the library's way has another number.")
    goals = (Goal("ours", "runner", at_least=10), Goal("ours", "upsert", at_least=0.3))
    counts = {"facts": facts, "treatments": patients, "spans": done["ours"]["spans"]}
    peaks = {side: one["peak"] for side, one in done.items()}
    return Measured(sides, dict.fromkeys(sides, "facts/s"), goals, wrong, peaks, counts)


def _side(side: str, bootstrap: str, database: str, facts: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.baselines.projecting", side, bootstrap, database, str(facts)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=HOURS)
    found: dict[str, float] = json.loads(told.stdout)
    return found


def _published(bootstrap: str, items: Sequence[bytes]) -> None:
    publisher = Publisher(bootstrap, make_topics(bootstrap))
    try:
        for start in range(0, len(items), _SAVED):
            publisher.facts(LogEntry(_item(value), None) for value in items[start : start + _SAVED])
    finally:
        publisher.close()


def _saved(database: str, items: Sequence[bytes]) -> None:
    application = stock(database)
    for start in range(0, len(items), _SAVED):
        application.save(*map(_event, items[start : start + _SAVED]))
    application.close()


def _event(value: bytes) -> FactRecorded:
    item = _item(value)
    return FactRecorded(
        originator_id=UUID(item.treatment),
        originator_version=item.version,
        timestamp=FactRecorded.create_timestamp(),
        fact={"item": value.decode()},
    )


def _item(value: bytes) -> FeedItem:
    item = read_item(value)
    assert isinstance(item, FeedItem)
    return item


BENCHMARKS = (Benchmark("projection", "Kafka to projection, PostgreSQL, over 500 treatments, all rules on", go),)
