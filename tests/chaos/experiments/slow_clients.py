"""Listeners that never read cost the stream little and are dropped; those that read miss nothing, however often."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from services.monitoring.projector import Projector
from services.monitoring.store.tables import announcement, fact
from shared.clock import ManualClock
from shared.database import Database
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.listeners import Good, connect, was_dropped
from tests.chaos.parts import Part, answers, wait_for, zygote
from tests.end_to_end.processes import clean_environment
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import EDITIONS, opened
from tests.real_parts.machine import free_port
from tests.real_parts.postgres import PostgresServer
from tests.scenario import Scenario, treated

GOOD = 5
WINDOW = 4096  # bytes that a deaf listener's machine takes before the sender must wait
SHARE = 192 * 1024  # bytes that the service may hold for a listener that takes nothing
OWN = 24 << 20  # and for itself while it tells: the newest announcements, a page of them, its reading of the store
MINUTES = 20


def slow_clients(run: Run) -> Finding:
    many, deaf_number, breaks = run.times(100_000, 2_500), run.times(200, 60), run.times(50, 4)
    with ExitStack() as stack:
        server = PostgresServer().start()
        stack.callback(server.close)
        store = stack.enter_context(opened(server.url))
        patients = run.times(1_200, 40)
        telling = Telling(store, [treated("2024-05-15", name=f"patient {n}") for n in range(patients)])
        first = telling.head
        part, port = stack.enter_context(_api(run, server.url))
        before = _memory(part, "VmRSS")
        listeners = [Good(port, first, first + many, breaks, forgetful=run.without) for _ in range(GOOD)]
        for one in listeners:
            one.start()
        deaf = [stack.enter_context(connect(port, window=WINDOW)) for _ in range(deaf_number)]
        telling.start(first + many)
        ended = [one.wait(60 * MINUTES if not run.without else run.times(90, 6)) for one in listeners]
        telling.stop()
        run.say(f"{telling.head - first} were told")
        grown = _memory(part, "VmHWM") - before
        patience = run.times(40, 2)
        dropped = sum(was_dropped(one, patience if number == 0 else 1) for number, one in enumerate(deaf))
        alive = part.alive and answers(port)
        told = _told(store, first, first + many)
    broken = [] if alive else ["The service did not survive."]
    if dropped < deaf_number:
        broken.append(f"{deaf_number - dropped} of {deaf_number} listeners that never read were not dropped.")
    allowed = OWN + deaf_number * SHARE
    if grown > allowed:
        broken.append(f"Its memory grew by {grown >> 20} MiB, which is more than {allowed >> 20}.")
    for number, (one, whole) in enumerate(zip(listeners, ended, strict=True), start=1):
        broken.extend(_missed(number, one, whole, told))
    counters = {
        "announcements": len(told),
        "deaf": deaf_number,
        "dropped": dropped,
        "reconnects": sum(one.connections - 1 for one in listeners),
    }
    floor = {"announcements": many, "deaf": deaf_number, "reconnects": 0 if run.without else GOOD * breaks}
    figures = {"memory before, MiB": before >> 20, "grown by, MiB": grown >> 20, "allowed, MiB": allowed >> 20}
    return Finding(tuple(broken), counters, floor, figures)


class Telling:
    """Patients who are never seen again: every day some of what they owe falls due, is overdue, is missed."""

    def __init__(self, store: Database, cohort: list[Scenario]) -> None:
        self._store = store
        self._projector = Projector(store, EDITIONS, ManualClock(), states=len(cohort))
        self._projector.project(Logbook(*(one.facts for one in cohort)).deliveries)
        with store.read() as connection:
            last = connection.execute(select(func.max(fact.c.recorded_at))).scalar_one()
        self._now = datetime.fromtimestamp(last / 1e6, UTC)
        self._stop = threading.Event()

    @property
    def head(self) -> int:
        with self._store.read() as connection:
            return int(connection.execute(select(func.max(announcement.c.n))).scalar_one() or 0)

    def start(self, until: int) -> None:
        self._thread = threading.Thread(target=self._run, args=(until,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Waits until all that was asked for is told."""
        self._thread.join(60 * MINUTES)

    def _run(self, until: int) -> None:
        while self.head < until:
            self._now += timedelta(days=1)
            self._projector.run_dates(self._now)


@contextmanager
def _api(run: Run, database: str) -> Iterator[tuple[Part, int]]:
    """The true process, which reads what others project; its patience is shortened where the run is short."""
    port = free_port()
    env = clean_environment() | {
        "COURSEWATCH_MONITORING_DB": database,
        "COURSEWATCH_MONITORING_PORT": str(port),
        "COURSEWATCH_KAFKA": "127.0.0.1:1",  # only says that another process projects
        "COURSEWATCH_DATA": str(run.folder),
    }
    patched = [*(["quick_stall"] if run.size == "short" else []), *(["bound"] if run.without else [])]
    log = run.folder / "monitoring-api.log"
    part = zygote().fork("monitoring api", env, log, patched)
    try:
        wait_for(lambda: answers(port), lambda: log.read_text(encoding="utf-8"))
        yield part, port
    finally:
        part.kill()


def _memory(part: Part, field: str) -> int:
    """VmRSS or VmHWM of a process in bytes."""
    for line in Path(f"/proc/{part.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def _told(store: Database, after: int, until: int) -> list[tuple[int, str]]:
    query = select(announcement.c.n, announcement.c.payload).where(announcement.c.n > after, announcement.c.n <= until)
    with store.read() as connection:
        return [(int(n), payload) for n, payload in connection.execute(query.order_by(announcement.c.n))]


def _missed(number: int, one: Good, whole: bool, told: list[tuple[int, str]]) -> Iterator[str]:
    heard = [entry for entry in one.heard if entry[0] <= told[-1][0]]
    if one.trouble:
        yield f"Good listener {number} broke: {one.trouble}."
    elif heard != told:
        missing = len(set(told) - set(heard))
        yield f"Good listener {number} missed {missing} of {len(told)} and heard {len(heard)}."
    elif not whole:
        yield f"Good listener {number} did not come to the end."
    if one.resets:
        yield f"Good listener {number} was told to begin anew {one.resets} times."


EXPERIMENTS = (
    Experiment(
        "slow_clients",
        "Listeners that never read are dropped at a bounded cost; those that read and come back miss nothing.",
        slow_clients,
        "frames piled up for each listener, nobody dropped, and listeners that come back without their last id",
    ),
)
