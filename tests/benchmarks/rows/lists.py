"""Worklists over a large cohort as a dashboard asks for them, beside bare SQL that reads as many rows of an index."""

import http.client
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import make_url

from tests.benchmarks import servers
from tests.benchmarks.baselines.bare_list import PAGE, BareList
from tests.benchmarks.copied import fill, settle
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved, quantile
from tests.benchmarks.memory import Memory
from tests.benchmarks.servers import Server
from tests.monitoring.stores import opened

PATIENTS = 40_000
FACTS = 150  # of a patient, on average
BACK = timedelta(days=120)
_NOBODY = {"COURSEWATCH_KAFKA": "127.0.0.1:9"}  # it only answers: nothing is read while it is measured


def go(bench: Bench) -> Measured:
    patients, asked = bench.times(PATIENTS, 12), bench.times(200, 3)
    database = bench.stores.database()
    with opened(database) as store:
        there = fill(store, patients, bench.times(FACTS, 40), bench.seed, bench.say)
        settle(store)
    bench.say(f"{there.treatments:,} patients are there, {there.spans:,} rectangles")
    then = datetime.combine(there.today - BACK, day_time(12), UTC)
    with ExitStack() as stack:
        bare = BareList(database)
        stack.callback(bare.close)
        bare.overdue("bare_now", there.today, None)
        bare.overdue("bare_then", then.date(), then)
        bare.everything("bare_all", there.today)
        memory = stack.enter_context(Memory())
        service = stack.enter_context(servers.monitoring(database, bench.folder, _NOBODY))
        memory.watch("monitoring api", service.pid)
        memory.watch("PostgreSQL", port=make_url(database).port)
        client = _Client(service)
        stack.callback(client.close)
        page = f"/v1/obligations?standing=overdue&limit={PAGE}&on={there.today}"
        then_page = f"/v1/obligations?standing=overdue&limit={PAGE}&on={then.date()}&known_at={then:%Y-%m-%dT%H:%M:%SZ}"
        totals = f"/v1/obligations/summary?on={there.today}"
        sides = interleaved(
            {
                name: partial(_p99, work, asked)
                for name, work in {
                    "page": lambda: client.get(page),
                    "bare page": lambda: bare.page("bare_now", there.today),
                    "totals": lambda: client.get(totals),
                    "bare totals": lambda: bare.totals("bare_all"),
                    "as-of page": lambda: client.get(then_page),
                    "bare as-of page": lambda: bare.page("bare_then", then.date()),
                }.items()
            },
            bench.rounds(),
            warm_up=1,
            say=bench.say,
        )
        wrong = [
            *_differs("page", client.get(page), bare.page("bare_now", there.today)),
            *_differs("as-of page", client.get(then_page), bare.page("bare_then", then.date())),
        ]
        counted, rows = client.get(totals)["total"], sum(row[-1] for row in bare.totals("bare_all"))
        if counted != rows:
            wrong.append(f"The totals count {counted} rows of {rows}.")
        counts = {
            "patients": there.treatments,
            "rectangles": there.spans,
            "rows counted": rows,
            "overdue": bare.page("bare_now", there.today)[1],
            "overdue then": bare.page("bare_then", then.date())[1],
        }
        goals = [Goal(name, f"bare {name}", at_most=2) for name in ("page", "totals", "as-of page")]
        return Measured(sides, dict.fromkeys(sides, "ms (p99)"), goals, wrong, memory.peaks(), counts)


class _Client:
    """One connection that is kept."""

    def __init__(self, service: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)

    def get(self, path: str) -> Any:
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}.")
        return msgspec.json.decode(body)

    def close(self) -> None:
        self._connection.close()


def _p99(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return quantile(spent, 0.99)


def _differs(name: str, answer: dict[str, Any], bare: tuple[list[tuple[Any, ...]], int]) -> list[str]:
    """The same rows in the same order, and the same number of all."""
    rows, total = bare
    found = [(row["treatment"], row["requirement"], row["due_on"]) for row in answer["obligations"]]
    wanted = [(row[0], row[1], date.fromordinal(row[4]).isoformat()) for row in rows]
    wrong = [] if found == wanted else [f"The {name} has other rows than those that are overdue."]
    return wrong if answer["total"] == total else [*wrong, f"The {name} counts {answer['total']} of {total}."]


BENCHMARKS = (
    Benchmark(
        "lists",
        f"p99 of an overdue page, of the totals and of a page as it was known {BACK.days} days before, "
        f"over {PATIENTS:,} patients, PostgreSQL",
        go,
    ),
)
