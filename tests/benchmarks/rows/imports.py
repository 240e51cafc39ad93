"""How long a single POST takes while somebody imports a history, beside how long it takes in quiet."""

from contextlib import ExitStack

from sqlalchemy import make_url

from tests.benchmarks import samples, servers
from tests.benchmarks.bulk_load import BulkPlan, sending
from tests.benchmarks.counting import rows_of
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved, quantile
from tests.benchmarks.load import Plan, Seen, posting
from tests.benchmarks.memory import Memory
from tests.benchmarks.rows.single_posts import PATH

FACTS = 100_000
RATE = 100  # single posts a second
IMPORTED = 10**12  # the import counts from here, so that no key is used twice


def go(bench: Bench) -> Measured:
    facts, rate, treatments = bench.times(FACTS, 600), RATE, bench.times(1000, 20)
    database = bench.stores.database()
    posted: list[Seen] = []
    quiet: list[Seen] = []
    imported: list[int] = []
    wrong: list[str] = []
    with ExitStack() as stack:
        memory = stack.enter_context(Memory())
        course = stack.enter_context(servers.course(database, bench.folder))
        memory.watch("course api", course.pid)
        memory.watch("PostgreSQL", port=make_url(database).port)
        targets = servers.opened(course.url, treatments)

        def singles(seconds: float, kept: list[Seen]) -> Seen:
            first = sum(len(each.latencies) for each in [*posted, *quiet])
            plan = Plan(course.port, PATH, samples.blood_count(), targets, 32, 0, seconds, rate, first)
            kept.append(posting(plan).seen())
            if set(kept[-1].statuses) != {"201"}:
                wrong.append(f"Single posts were answered {kept[-1].statuses} instead of 201.")
            return kept[-1]

        def without() -> float:
            return quantile(singles(bench.times(10, 1), quiet).latencies, 0.99)

        def during() -> float:
            importing = sending(BulkPlan(course.port, targets, facts, IMPORTED + sum(imported)))
            memory.watch("importing client", importing.pid)
            latencies: list[float] = []
            while not importing.over or not latencies:
                latencies += singles(1, posted).latencies
            seen = importing.seen()
            imported.append(facts)
            bench.say(f"{facts} facts imported at {seen.rate:,.0f} a second beside {len(latencies)} single posts")
            if seen.statuses != {"201": facts}:
                wrong.append(f"The import was answered {seen.statuses} instead of 201 for each of {facts}.")
            return quantile(latencies, 0.99)

        sides = interleaved({"during an import": during, "in quiet": without}, bench.rounds(3), say=bench.say)
        peaks = memory.peaks()
    answered = sum(len(each.latencies) for each in [*posted, *quiet])
    if (stored := rows_of(database, "event")) != answered + sum(imported) + treatments:
        wrong.append(f"The log has {stored} facts for {answered} single posts, {sum(imported)} imported, {treatments}.")
    counts = {"single posts": answered, "imported": sum(imported), "posts a second": rate}
    return Measured(
        sides,
        dict.fromkeys(sides, "ms (p99)"),
        (Goal("during an import", "in quiet", at_most=3),),
        wrong,
        peaks,
        counts,
    )


BENCHMARKS = (
    Benchmark("import-beside-posts", f"p99 of a single POST while an import of {FACTS:,} facts runs, PostgreSQL", go),
)
