"""python -m tests.benchmarks.baselines.rebuilding rebuild|memory FILE URL DATABASE: one side of the rebuild, alone.

`rebuild` is the product's, from the feed at URL into DATABASE. `memory` is the same rules over the same items, read
from FILE and grouped by treatment before the clock starts: nothing is asked of a server and nothing is stored. Prints
what it did as JSON.
"""

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from services.monitoring.editions import Editions
from services.monitoring.facts import read_fact
from services.monitoring.projector.judging import judge, rewrite
from services.monitoring.projector.states import State, opened
from services.monitoring.rebuild import rebuild
from services.monitoring.rules.facts import Fact
from services.monitoring.store.spans import SpanChanges
from shared.clock import SystemClock
from tests.benchmarks.memory import own_peak
from tests.monitoring.stores import opened as opened_store
from tests.scenario import EDITION

EDITIONS = Editions({EDITION.protocol: EDITION})


def in_memory(items: list[list[bytes]]) -> int:
    """Every treatment judged fact by fact, with its rectangles of both clocks; answers how many rectangles."""
    return sum(map(_folded, items))


def _folded(items: list[bytes]) -> int:
    changes = SpanChanges()
    state: State | None = None
    for value in items:
        fact = read_fact(value)
        assert isinstance(fact, Fact)
        before = state or opened(fact, EDITIONS)
        judged = judge(EDITION, before, fact, announce=False)
        rewrite(changes, before, judged, fact)
        state = judged.state
    return len(changes.inserts)


def main() -> None:
    side, file, url, database = sys.argv[1:]
    if side == "memory":
        grouped: dict[str, list[bytes]] = defaultdict(list)
        with Path(file).open("rb") as lines:
            for line in lines:
                grouped[line.partition(b'"treatment":"')[2][:36].decode()].append(line.rstrip(b"\n"))
        items = list(grouped.values())
        began = time.perf_counter()
        spans = in_memory(items)
        seconds = time.perf_counter() - began
        facts = sum(map(len, items))
    else:
        with opened_store(database) as live:
            began = time.perf_counter()
            built = rebuild(live, url, EDITIONS, SystemClock(), lambda done, of: None)
            seconds = time.perf_counter() - began
            facts, spans = built.facts, built.spans
    print(json.dumps({"seconds": seconds, "facts": facts, "spans": spans, "peak": own_peak()}))


if __name__ == "__main__":
    main()
