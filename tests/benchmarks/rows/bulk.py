"""Many facts at once, idempotent and with their bytes kept, beside the library's save and beside bare inserts.

Like against like: the door of the product beside the same door on the library, and the ledger behind it, which is
given facts as they were read, beside the library's save and a bare executemany of the very rows that it wrote.
"""

from contextlib import ExitStack

from sqlalchemy import make_url

from tests.benchmarks import samples, servers
from tests.benchmarks.bulk_load import BulkPlan, sending
from tests.benchmarks.counting import kept_bytes, rows_of
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved
from tests.benchmarks.memory import Memory, own_peak
from tests.benchmarks.stored import BareInserts, LedgerSide, SaveSide

SAVED = 10  # facts that share one save of the library
IN_FLIGHT = 16  # requests that the library's door gets at once: one alone would wait for the disk


def go(bench: Bench) -> Measured:
    facts, rounds = bench.times(20_000, 300), bench.rounds()
    ours, library = bench.stores.database(), bench.stores.database()
    wrong: list[str] = []
    with ExitStack() as stack:
        memory = stack.enter_context(Memory())
        course = stack.enter_context(servers.course(ours, bench.folder))
        stock = stack.enter_context(servers.stock(library, bench.folder))
        memory.watch("course api", course.pid)
        memory.watch("library's door", stock.pid)
        memory.watch("PostgreSQL", port=make_url(ours).port)
        targets = servers.opened(course.url, bench.times(1000, 20))
        ledger = stack.enter_context(LedgerSide(bench.stores.database(), targets, facts))
        save = stack.enter_context(SaveSide(bench.stores.database(), targets, facts, SAVED))
        inserts = stack.enter_context(BareInserts(bench.stores.database(), ledger))
        sent = {"door": 0, "door of the library": 0}

        def posts(side: str, plan: BulkPlan, expected: dict[str, int]) -> float:
            seen = sending(plan).seen()
            if seen.statuses != expected:
                wrong.append(f"The {side} answered {seen.statuses} instead of {expected}.")
            return seen.seconds

        def door() -> float:
            first = sent["door"]
            sent["door"] += facts
            return facts / posts("door", BulkPlan(course.port, targets, facts, first), {"201": facts})

        def door_of_the_library() -> float:
            first = sent["door of the library"]
            sent["door of the library"] += facts
            plan = BulkPlan(stock.port, targets, facts, first, SAVED, IN_FLIGHT)
            return facts / posts("door of the library", plan, {"200": facts // SAVED})

        sides = interleaved(
            {
                "door": door,
                "door of the library": door_of_the_library,
                "ledger": ledger.turn,
                "save of 10": save.turn,
                "executemany": inserts.turn,
            },
            rounds,
            say=bench.say,
        )
        posts("door", BulkPlan(course.port, targets, facts), {"200": facts})  # all of the first turn once more
        peaks = {**memory.peaks(), "ledger, save and inserts in one process": round(own_peak(), 1)}
        wrong += [*ledger.wrong(), *save.wrong(), *inserts.wrong()]
    bytes_sent = sum(len(line) for line in samples.lines(0, sent["door"], targets).split(b"\n"))
    for what, is_, must in (
        ("messages in our log", rows_of(ours, "message"), sent["door"]),
        ("bytes of messages in our log", kept_bytes(ours), bytes_sent),
        ("events of the library", rows_of(library, "stock_events"), sent["door of the library"]),
    ):
        if is_ != must:
            wrong.append(f"There are {is_} {what}, and {must} were sent.")
    return Measured(
        sides,
        dict.fromkeys(sides, "facts/s"),
        (
            Goal("door", "door of the library", at_least=4),
            Goal("door", "executemany", at_least=0.4),
            Goal("ledger", "save of 10", at_least=4),
            Goal("ledger", "executemany", at_least=0.4),
        ),
        wrong,
        peaks,
        {"facts a turn": facts, "sent again and known": facts},
    )


BENCHMARKS = (
    Benchmark("bulk-ingest", "bulk ingest of blood counts, idempotent and with their bytes kept, PostgreSQL", go),
)
