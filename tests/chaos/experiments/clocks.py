"""The server's clock is a month off, jumps, runs backwards, its zones change: are the same questions answered alike?

Facts are recorded under one mood of the clocks after another, on SQLite and on PostgreSQL. Every question that names
both of its clocks is asked as soon as nothing can be added to its answer, again under every later mood, and once more
of a projection that was made anew.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import create_engine, make_url, text

from tests.chaos.clocks import moods
from tests.chaos.clocks.asking import DAYS, Question, answer, questions
from tests.chaos.clocks.dial import FILE, Dial
from tests.chaos.clocks.moods import Mood
from tests.chaos.clocks.telling import ZONES, Told
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import EMBEDDED, Progress
from tests.chaos.parts import River, postgres, wait_for
from tests.real_parts.postgres import PostgresServer


class Asked:
    """Every question so far, with its first answer."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._answers: dict[Question, str] = {}

    def again(self, monitoring: httpx.Client, when: str) -> None:
        wrong = [one for one, first in self._answers.items() if answer(monitoring, one) != first]
        self._told.counters["asked again"] += len(self._answers)
        if wrong:
            such = f"{wrong[0].path} on {wrong[0].on} at {wrong[0].known_at}"
            self._told.broken.append(f"{when}: {len(wrong)} answers are others than before, such as {such}")

    def anew(self, monitoring: httpx.Client, run: Run) -> None:
        """Known at the last instant, and on the last date that has ended in every zone."""
        last = self._told.recorded[-1]
        # One treatment a zone, among them old and new ones.
        some = sorted(self._told.zones, key=str)[:: max(1, len(self._told.zones) // len(ZONES))]
        for known_at in (last.isoformat(), (last - timedelta(days=2)).date().isoformat()):
            for one in questions(some[: run.times(5, 1)], known_at, DAYS[:: run.times(1, 3)]):
                self._answers.setdefault(one, answer(monitoring, one))


def go(run: Run) -> Finding:
    on_sqlite = _through_all_moods(run, "SQLite", None)
    if run.without:
        return Finding(tuple(on_sqlite.broken[:10]), on_sqlite.counters, {})
    on_postgresql = _through_all_moods(run, "PostgreSQL", postgres())
    counters = on_sqlite.counters + on_postgresql.counters
    floors = {
        "moods": run.times(2 * len(moods.FULL), 3),
        "facts": run.times(2_000, 30),
        "asked again": run.times(20_000, 90),
        "recorded by an odd clock": run.times(1_000, 20),
        "recorded behind the clock": run.times(400, 10),
    }
    return Finding((*on_sqlite.broken[:10], *on_postgresql.broken[:10]), counters, floors)


def _moods(run: Run, store: str) -> tuple[Mood, ...]:
    if run.size == "full":
        return moods.FULL
    return moods.SHORTEST if run.without or store == "PostgreSQL" else moods.SHORT


def _through_all_moods(run: Run, store: str, server: PostgresServer | None) -> Told:
    folder = run.folder / store
    folder.mkdir()
    river = River(folder, postgres=server)
    told = Told(river, run.random)
    asked = Asked(told)
    dial = Dial(folder / "clock")
    with ExitStack() as stack:
        stack.callback(river.close)
        stack.callback(dial.close)
        for mood in _moods(run, store):
            with _at_work(river, mood, dial, naive=run.without) as (course, monitoring):
                asked.again(monitoring, mood.name)
                told.tell(course, mood, dial, run.times(100, 12))
                _project(river)
                asked.again(monitoring, f"{mood.name}, with more facts")
                asked.anew(monitoring, run)
            told.counters["moods"] += 1
            run.say(f"{store}, {mood.name}: {dict(told.counters)}, {told.broken[-1:]}")
        _wipe(river)
        with _at_work(river, Mood("made anew", moods.NOW), dial, naive=run.without) as (_, monitoring):
            asked.again(monitoring, "made anew")
    told.broken = [f"{store}, {sentence}." for sentence in told.broken]
    return told


@contextmanager
def _at_work(river: River, mood: Mood, dial: Dial, *, naive: bool) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Both services in that mood, everything projected; killed afterwards."""
    dial.set(mood.at, mood.rate)
    _set_zone(river, mood.database)
    names = ("odd", "naive") if naive else ("odd",)
    river.without = dict.fromkeys(EMBEDDED, tuple(f"tests.chaos.clocks.dial.{name}" for name in names))
    river.env = {FILE: str(river.folder / "clock"), "TZ": mood.server}
    for part in EMBEDDED:
        river.start(part)
    for part in EMBEDDED:
        river.serves(part)
    with (
        httpx.Client(base_url=river.course_url, timeout=30) as course,
        httpx.Client(base_url=river.monitoring_url, timeout=30) as monitoring,
    ):
        _project(river)
        yield course, monitoring
    for part in EMBEDDED:
        river.kill(part)


def _project(river: River) -> None:
    progress = Progress(river)
    try:
        wait_for(progress.rest, lambda: river.trouble("monitoring api"))
    finally:
        progress.close()


def _set_zone(river: River, zone: str) -> None:
    """What every session of the databases begins with."""
    if river.postgres is not None:
        for database in (river.course_db, river.monitoring_db):
            _do(river.postgres, f"alter database {make_url(database).database} set timezone to '{zone}'")


def _wipe(river: River) -> None:
    """Throws the projection away."""
    if river.postgres is None:
        for file in Path(river.folder).glob("monitoring.db*"):
            file.unlink()
        return
    name = make_url(river.monitoring_db).database
    _do(river.postgres, f"drop database {name} with (force)", f"create database {name}")


def _do(server: PostgresServer, *statements: str) -> None:
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


EXPERIMENTS = (
    Experiment(
        "clocks",
        "Whatever the server's clock and time zones say, the same question with both its clocks gets the same answer, "
        "and recorded_at increases.",
        go,
        "days by the clinic's zone (they are the server's own instead)",
    ),
)
