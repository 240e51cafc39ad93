"""The disk of the monitoring service's store fills while facts flow, again and again, and gets its space back."""

import sqlite3
import time
from collections import Counter
from contextlib import ExitStack

import httpx

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.oracle import compare
from tests.chaos.oracle_journal import read
from tests.chaos.oracle_places import in_log, in_projection
from tests.chaos.parts import River, zygote
from tests.chaos.storage.small_disk import SmallDisk
from tests.chaos.storage.under_load import PATIENCE, Watched, copied

READS = ("/v1/obligations?limit=5", "/v1/obligations/summary", "/healthz")
STANDSTILL = 60.0  # seconds


def go(run: Run) -> Finding:
    cycles = run.times(3 if run.without else 20, 1)
    with ExitStack() as stack:
        disk = SmallDisk(run.times(900, 200))
        stack.callback(disk.close)
        river = River(run.folder)
        stack.callback(river.close)
        river.monitoring_db = f"sqlite:///{disk.folder}/monitoring.db"
        on = Watched(run, river)
        river.parts["course api"] = zygote().fork("course api", river._environment(), river.log("course api"))
        river.serves("course api")
        on.start(disk.inside, "monitoring", "failures")
        # Treatments that are soon complete: a later fact would show that an earlier one is missing.
        client = on.load(run.times(25, 40), "--treatments", "8", "--fill", "5", "--bulk", "0.1")
        stack.callback(client.close)
        for cycle in range(cycles):
            disk.fill()
            if run.without:
                time.sleep(2)
            else:
                _wait(on, 503, "not ready")
                _watch(on, run.times(30, 3))
            disk.free()
            _wait(on, 200, "ready")
            on.stores_again()
            on.counters["times full"] += 1
            run.say(f"full and free again: {cycle + 1} times, {len(on.broken)} broken")
        client.stop()
        told = read(client.journal)
        on.counters["acknowledged"] = len(told.acknowledged)
        recorded = sum(1 for _ in in_log(river.course_db))
        _settle(on, disk, recorded)
        river.kill("monitoring api")
        held = copied(disk.outside / "monitoring.db", run.folder)
        compared = compare(told, "projection", in_projection(held))
        letters = _number(held, "select count(*) from dead_letter")
        if letters:
            compared.append(f"{letters} facts were set aside as if they could not be read.")
    broken = [*compared, *on.broken]
    floors = {"times full": cycles, "reads served": 2 * cycles, "told not ready": cycles}
    return Finding(tuple(broken), Counter(on.counters), {} if run.without else floors)


def _watch(on: Watched, times: int) -> None:
    """While nothing can be projected: questions are answered, and facts are recorded all the same."""
    for _ in range(times):
        for path in READS:
            status = _ask(on, path)
            on.counters["reads served"] += status == 200
            if status != 200:
                on.broken.append(f"{path.partition('?')[0]} was answered {status} while the disk was full.")
        on.counters["told not ready"] += _ask(on, "/readyz") == 503
        time.sleep(0.05)
    on.stores_again()


def _wait(on: Watched, expected: int, word: str) -> None:
    on.wait(lambda: _ask(on, "/readyz") == expected, f"The monitoring service never said that it was {word}.")


def _settle(on: Watched, disk: SmallDisk, recorded: int) -> None:
    """Until all that was recorded is projected, or nothing moves any more."""
    seen, since = -1, time.monotonic()
    while seen < recorded and time.monotonic() - since < (8 if on.run.without else STANDSTILL):
        now = _number(copied(disk.outside / "monitoring.db", on.run.folder), "select count(*) from fact")
        if now != seen:
            seen, since = now, time.monotonic()
        time.sleep(2)


def _number(database: str, query: str) -> int:
    connection = sqlite3.connect(database.removeprefix("sqlite:///"))
    try:
        return int(connection.execute(query).fetchone()[0])
    except sqlite3.DatabaseError:  # copied while it was written: look again
        return -1
    finally:
        connection.close()


def _ask(on: Watched, path: str) -> int:
    try:
        return httpx.get(on.river.monitoring_url + path, timeout=PATIENCE).status_code
    except httpx.TransportError:
        return 0


EXPERIMENTS = (
    Experiment(
        "disk_full_monitoring",
        "On a full disk the monitoring service answers what it knows, says that it stands still, and goes on by "
        "itself when there is space again, with nothing missing.",
        go,
        "beginning again from what is stored when a batch was not",
    ),
)
