"""Sixteen writers in four processes and one reader that follows the log: does it miss anything?"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack

from services.course.persistence.recorder import LogRecorder
from shared.database import open_database
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.storage.tailing import Share, Tail, prepare_stock, tail, write
from tests.real_parts.postgres import PostgresServer

WRITERS, PROCESSES = 16, 4


def go(run: Run) -> Finding:
    each = run.times(5_000 if run.without else 62_500, 250)
    largest = 5 if run.without else run.times(100, 20)
    total = each * WRITERS
    with ExitStack() as stack:
        server = PostgresServer().start()
        stack.callback(server.close)
        if run.without:
            prepare_stock(server.url)
        else:
            open_database(server.url, "course").close()
        fork = multiprocessing.get_context("forkserver")
        pool = stack.enter_context(ProcessPoolExecutor(PROCESSES + 1, fork))
        began = time.monotonic()
        tailing = pool.submit(tail, server.url, total, stock=run.without)
        shares = [Share(server.url, range(n, WRITERS, PROCESSES), each, largest, run.without) for n in range(PROCESSES)]
        writing = [pool.submit(write, share) for share in shares]
        while not all(one.done() for one in writing):
            time.sleep(1)
            if not run.without and int(time.monotonic() - began) % 30 == 0:
                run.say(f"{_end(server.url)} of {total} events")
        written = sum(one.result() for one in writing)
        met = tailing.result()
        seconds = time.monotonic() - began
    counters = {"events written": written, "events read": met.events, "writers": WRITERS, "at the end": met.waited}
    floors = {"events written": total, "writers": WRITERS, "at the end": run.times(100, 2)}
    return Finding(_broken(met, written), counters, floors, {"events a second": round(written / seconds)})


def _broken(met: Tail, written: int) -> tuple[str, ...]:
    wrong = {
        f"The reader passed over {met.passed} of {written} events.": met.passed,
        f"{met.out_of_place} events were not at the next position.": met.out_of_place,
        f"{met.out_of_order} events were not the next of their treatment, or not later.": met.out_of_order,
        f"{written} events were written, and {met.events} read.": met.events != written,
    }
    return tuple(sentence for sentence, is_so in wrong.items() if is_so)


def _end(url: str) -> int:
    database = open_database(url, "course", write=False)
    try:
        return LogRecorder(database).max_notification_id() or 0
    finally:
        database.close()


EXPERIMENTS = (
    Experiment(
        "writers",
        "A reader that follows the log of sixteen writers misses nothing and meets everything in order.",
        go,
        "our recorder (the library's own with POSTGRES_ENABLE_DB_FUNCTIONS=y)",
    ),
)
