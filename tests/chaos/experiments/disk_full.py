"""The disk of the course service's store fills under load, again and again, and gets its space back."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import create_engine, exc, text

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.parts import River
from tests.chaos.storage.small_disk import SmallDisk
from tests.chaos.storage.under_load import Watched, copied
from tests.real_parts.postgres import PostgresServer

PROMISE = (
    "On a full disk nothing is answered 2xx that is not stored, reads are served, readiness tells, and it goes on "
    "without a restart when there is space again."
)
CONTROL = "waiting for the commit before the answer"


def sqlite(run: Run) -> Finding:
    with ExitStack() as stack:
        disk = SmallDisk(run.times(64, 12))
        stack.callback(disk.close)
        river = River(run.folder)
        stack.callback(river.close)
        river.course_db = f"sqlite:///{disk.folder}/course.db"
        on = Watched(run, river)
        on.start(disk.inside)
        client = on.load(run.times(300, 400))
        stack.callback(client.close)
        for cycle in range(_cycles(run)):
            disk.fill()
            on.ready(503)
            on.watch(run.times(40, 3))
            disk.free()
            on.ready(200)
            on.stores_again()
            on.counters["times full"] += 1
            run.say(f"full and free again: {cycle + 1} times, {len(on.broken)} broken {on.broken[-1:]}")
        on.verdict(client, lambda: copied(disk.outside / "course.db", run.folder))
        return _finding(on)


def postgresql(run: Run) -> Finding:
    """Every other time the write-ahead log, too, needs space: then the server dies of it, as PostgreSQL does."""
    with ExitStack() as stack:
        server = PostgresServer("min_wal_size=32MB", "max_wal_size=64MB")
        stack.callback(server.close)
        disk = SmallDisk(run.times(400, 160), server._user)
        stack.callback(disk.close)
        _move(server, disk)
        river = River(run.folder, postgres=server.start())
        stack.callback(river.close)
        on = Watched(run, river)
        on.start()
        client = on.load(run.times(300, 400))
        stack.callback(client.close)
        for cycle in range(_cycles(run)):
            with _hand_on_the_log(server) as use_up:
                disk.fill()
                on.ready(503)
                if cycle % 2:
                    use_up()
                    on.ready(503)
                    on.refuses_reads()
                    on.counters["server died"] += 1
                else:
                    on.watch(run.times(40, 3))
            disk.free()
            if cycle % 2:
                server.kill()
                _start(server)
            on.ready(200)
            on.stores_again()
            on.counters["times full"] += 1
            run.say(f"full and free again: {cycle + 1} times, {len(on.broken)} broken {on.broken[-1:]}")
        on.verdict(client, lambda: river.course_db)
        return _finding(on)


def _move(server: PostgresServer, disk: SmallDisk) -> None:
    """Puts the cluster onto the disk, and a link in its place."""
    data = server._folder / "data"
    user = {"user": server._user, "extra_groups": []} if server._user else {}
    subprocess.run(["cp", "-a", data, disk.outside / "data"], check=True, **user)
    subprocess.run(["rm", "-r", data], check=True)
    data.symlink_to(disk.outside / "data")
    if server._user:
        os.chown(data, -1, -1, follow_symlinks=False)


def _start(server: PostgresServer) -> None:
    """Starts it as a supervisor does: again, while what the dead server left behind is still ending."""
    for pause in (0.2, 1, 3):
        try:
            server.start()
        except RuntimeError:
            time.sleep(pause)
        else:
            return
    server.start()


@contextmanager
def _hand_on_the_log(server: PostgresServer) -> Iterator[Callable[[], None]]:
    """Uses up the segments that the write-ahead log has in stock; for the next there is no space.

    Connected beforehand: a full server may be unable to take a new connection.
    """
    engine = create_engine(server.url)
    step = text("select pg_logical_emit_message(false, 'chaos', 'a word'), pg_switch_wal()")

    def use_up() -> None:
        with suppress(exc.DBAPIError):
            for _ in range(1000):
                connection.execute(step)

    with engine.connect() as connection:
        connection.execute(step)
        yield use_up
        connection.invalidate()
    engine.dispose()


def _cycles(run: Run) -> int:
    return run.times(4 if run.without else 20, 1 if run.without else 2)


def _finding(on: Watched) -> Finding:
    cycles = _cycles(on.run)
    floors = {"times full": cycles, "refused": 2 * cycles, "reads served": 3 * cycles, "told not ready": cycles // 2}
    return Finding(tuple(on.broken), on.counters, {} if on.run.without else floors)


EXPERIMENTS = (
    Experiment("disk_full_sqlite", PROMISE, sqlite, CONTROL),
    Experiment("disk_full_postgresql", PROMISE, postgresql, CONTROL),
)
