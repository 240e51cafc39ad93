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

from services.monitoring.facts import FeedItem, micros, read_item, to_fact
from services.monitoring.projector.judging import judge
from services.monitoring.projector.states import State
from services.monitoring.rebuild import rebuild
from services.monitoring.rules.facts import Fact
from services.monitoring.store.spans import SpanChanges
from services.monitoring.store.tables import FIRST_DAY
from shared.clock import SystemClock
from tests.benchmarks.memory import own_peak
from tests.monitoring.stores import opened
from tests.scenario import EDITION

EDITIONS = {EDITION.protocol: EDITION}


def in_memory(items: list[list[bytes]]) -> int:
    """Every treatment judged fact by fact, with its rectangles of both clocks; answers how many rectangles."""
    return sum(map(_folded, items))


def _folded(items: list[bytes]) -> int:
    changes = SpanChanges()
    state = State(json.loads(items[0])["treatment"], EDITION.protocol, "", "UTC", "UTC", 0)
    for value in items:
        item = read_item(value)
        assert isinstance(item, FeedItem)
        fact = to_fact(item)
        assert isinstance(fact, Fact)
        judged = judge(EDITION, state, fact, announce=False)
        state = judged.state
        for requirement, (first, spans) in judged.spans.items():
            cut = FIRST_DAY if first is None else first.toordinal()
            held = state.spans.get(requirement, ())
            name = (fact.treatment, requirement)
            state.spans[requirement] = changes.apply(name, held, cut, spans, micros(fact.recorded_at))
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
        with opened(database) as live:
            began = time.perf_counter()
            built = rebuild(live, url, EDITIONS, SystemClock(), lambda done, of: None)
            seconds = time.perf_counter() - began
            facts, spans = built.facts, built.spans
    print(json.dumps({"seconds": seconds, "facts": facts, "spans": spans, "peak": own_peak()}))


if __name__ == "__main__":
    main()
