"""One fact a request: the whole way to the commit, beside the library's own and an endpoint that stores nothing."""

from contextlib import ExitStack
from functools import partial

from sqlalchemy import make_url

from tests.benchmarks import samples, servers
from tests.benchmarks.counting import rows_of
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved
from tests.benchmarks.load import Plan, Seen, posting
from tests.benchmarks.memory import Memory

PATH = "/v1/treatments/{target}/events"
CLIENTS = 128


def go(bench: Bench) -> Measured:
    clients, seconds, treatments = bench.times(CLIENTS, 8), bench.times(5, 1), bench.times(1000, 20)
    ours, stock = bench.stores.database(), bench.stores.database()
    with ExitStack() as stack:
        memory = stack.enter_context(Memory())
        running = {
            "ours": stack.enter_context(servers.course(ours, bench.folder)),
            "stock": stack.enter_context(servers.stock(stock, bench.folder)),
            "trivial": stack.enter_context(servers.trivial(bench.folder)),
        }
        for name, server in running.items():
            memory.watch(name, server.pid)
        memory.watch("PostgreSQL", port=make_url(ours).port)
        targets = servers.opened(running["ours"].url, treatments)
        seen: dict[str, list[Seen]] = {name: [] for name in running}

        def turn(name: str) -> float:
            first = sum(len(each.latencies) for each in seen[name])
            plan = Plan(
                running[name].port,
                PATH,
                samples.blood_count(),
                targets,
                connections=clients,
                seconds=seconds,
                first=first,
            )
            client = posting(plan)
            memory.watch("load client", client.pid)
            seen[name].append(client.seen())
            return seen[name][-1].rate

        sides = interleaved({name: partial(turn, name) for name in running}, bench.rounds(), say=bench.say)
        peaks = memory.peaks()
    answered = {name: sum(len(each.latencies) for each in all_) for name, all_ in seen.items()}
    wrong = [
        f"{name} answered {each.statuses} instead of 201."
        for name, all_ in seen.items()
        for each in all_
        if set(each.statuses) != {"201"}
    ]
    if (stored := rows_of(ours, "event")) != answered["ours"] + treatments:
        wrong.append(f"The log has {stored} facts for {answered['ours']} answers and {treatments} openings.")
    if (stored := rows_of(ours, "message")) != answered["ours"]:
        wrong.append(f"{stored} messages are kept for {answered['ours']} answers.")
    if (stored := rows_of(stock, "stock_events")) != answered["stock"]:
        wrong.append(f"The library kept {stored} events for {answered['stock']} answers.")
    busy = {f"load client busy, {name}": max(each.busy for each in all_) for name, all_ in seen.items()}
    return Measured(
        sides,
        dict.fromkeys(running, "requests/s"),
        (Goal("ours", "stock", at_least=6), Goal("ours", "trivial", at_least=0.5)),
        wrong,
        peaks,
        {**answered, **busy},
    )


BENCHMARKS = (Benchmark("single-posts", f"single POST of a blood count, PostgreSQL, 1 worker, {CLIENTS} clients", go),)
