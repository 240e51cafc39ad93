"""The Kafka layout on real parts of its own: whatever of it may be killed, frozen, wiped, cut off or patched."""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from tests.chaos.parts import zygote
from tests.end_to_end.processes import clean_environment
from tests.real_parts import broker
from tests.real_parts.machine import ROOT, free_port, start
from tests.real_parts.postgres import PostgresServer

SECONDS = 60.0
ENDED = "\nended with "
LAYOUT = ("course api", "course relay", "monitoring consume", "monitoring api")


@cache
def postgres() -> PostgresServer:
    """One server for all the experiments of this process; none of these here breaks it."""
    server = PostgresServer().start()
    atexit.register(server.close)
    return server


@dataclass(frozen=True)
class Done:
    """A command that has ended, with all that it said."""

    returncode: int
    said: str


class Part:
    """One process of the product, with its log. `without` names functions of tests.chaos.kafka.patches."""

    def __init__(self, words: str, env: dict[str, str], log: Path, without: Sequence[str] = ()) -> None:
        self.words, self.log = words, log
        self._env = clean_environment() | env
        self._without = [f"tests.chaos.kafka.patches.{name}" for name in without]
        self.start()

    def start(self) -> None:
        self.process = zygote().fork(self.words, self._env, self.log, self._without)

    def send(self, what: signal.Signals) -> None:
        self.process.signal(what)

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.signal(signal.SIGTERM)
        try:
            self.process.wait()
        except RuntimeError:
            self.kill()

    @property
    def running(self) -> bool:
        return self.process.alive

    def said(self, sentence: str) -> int:
        """How many lines of its log hold a sentence."""
        return self.log.read_text(encoding="utf-8", errors="replace").count(sentence)


class Stage:
    """`kafka` stands on its own; both services have databases of this stage's own. The clock is the system's.

    `server` is where they are, one of this process's by default; `course_host` is where the course service listens.
    """

    def __init__(
        self,
        folder: Path,
        kafka: broker.KafkaBroker | None = None,
        *,
        server: str | None = None,
        course_host: str = "127.0.0.1",
    ) -> None:
        self.folder = folder
        if kafka is None:
            broker.prepare()
        self.kafka = kafka or broker.KafkaBroker()
        course, monitoring = free_port(), free_port()
        self.course_url, self.monitoring_url = f"http://{course_host}:{course}", f"http://127.0.0.1:{monitoring}"
        server = server or postgres().url
        self.course_db, self.monitoring_db = _database(server), _database(server)
        self.env = {
            "COURSEWATCH_DATA": str(folder),
            "COURSEWATCH_COURSE_PORT": str(course),
            "COURSEWATCH_MONITORING_PORT": str(monitoring),
            "COURSEWATCH_COURSE_URL": self.course_url,
            "COURSEWATCH_KAFKA": self.kafka.bootstrap,
            "COURSEWATCH_COURSE_DB": self.course_db,
            "COURSEWATCH_MONITORING_DB": self.monitoring_db,
        }
        self.parts: list[Part] = []
        self._course = create_engine(self.course_db, poolclass=NullPool)
        self._monitoring = create_engine(self.monitoring_db, poolclass=NullPool)

    def begin(self, parts: Sequence[str] = LAYOUT, patches: Sequence[str] = ()) -> None:
        """Kafka and the parts, `patches` in all of them; returns when the doors answer."""
        self.kafka.start()
        for words in parts:
            self.add(words, *patches)
        self.ready(parts)

    def ready(self, parts: Sequence[str]) -> None:
        """Returns when the doors of these parts answer."""
        if "course api" in parts:
            self.until(lambda: _answers(f"{self.course_url}/readyz"), "the course service is ready")
        if "monitoring api" in parts:
            self.until(lambda: _answers(f"{self.monitoring_url}/healthz"), "the monitoring service answers")

    def add(self, words: str, *patches: str, **env: str) -> Part:
        number = len(self.parts)
        part = Part(words, {**self.env, **env}, self.folder / f"{number}-{words.replace(' ', '-')}.log", patches)
        self.parts.append(part)
        return part

    def end(self) -> None:
        for part in self.parts:
            part.send(signal.SIGCONT)
            part.kill()
        self.kafka.kill()
        self.kafka.close()

    def course(self, query: str) -> int:
        """One number out of the course database."""
        return _number(self._course, query)

    def monitoring(self, query: str) -> int:
        return _number(self._monitoring, query)

    @property
    def recorded(self) -> int:
        return self.course("select coalesce(max(position), 0) from event")

    @property
    def projected(self) -> int:
        return self.monitoring("select count(*) from fact")

    def until(self, true: Callable[[], bool], what: str, seconds: float = SECONDS) -> float:
        """Waits; returns how long it took. TimeoutError says what did not happen."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"Within {seconds:.0f} s it did not happen that {what}.")
            time.sleep(0.05)
        return time.monotonic() - began

    def flows(self) -> None:
        """Returns when the first facts are projected: on a busy machine the groups of Kafka take long to form."""
        self.until(lambda: self.projected > 0, "the first facts were projected", 3 * SECONDS)

    def caught_up(self, standstill: float = SECONDS) -> float:
        """Until everything recorded is projected; returns how long it took."""
        return self.arrives(lambda: self.projected, "everything recorded was projected", standstill)

    def arrives(self, number: Callable[[], int], what: str, standstill: float = SECONDS) -> float:
        """Until a number is that of all facts recorded, however long it takes while it rises."""
        began = moved = time.monotonic()
        most = -1
        while (now := number()) < self.recorded:
            if now > most:
                most, moved = now, time.monotonic()
            if time.monotonic() - moved > standstill:
                raise TimeoutError(f"It did not happen that {what}: {now} of {self.recorded}, and nothing moves.")
            time.sleep(0.05)
        return time.monotonic() - began

    def command(self, words: str) -> "Done":
        """A command of the operator's, to its end."""
        part = self.add(words, "tells_its_end")
        part.process.wait(600)
        said, ended, code = part.log.read_text(encoding="utf-8").rpartition(ENDED)
        return Done(int(code) if ended else -1, said)

    @contextmanager
    def load(self, rate: int, seed: int, treatments: int = 40, fill: int = 150) -> Iterator[Path]:
        """The client with its journal, from outside, while the block lasts."""
        journal = self.folder / f"journal-{time.monotonic_ns()}"
        words = f"--rate {rate} --seed {seed} --treatments {treatments} --fill {fill} --run r{time.monotonic_ns()}"
        command = [sys.executable, "-m", "tests.chaos.client", "--url", self.course_url, "--journal", str(journal)]
        log = self.folder / "client.log"
        client = start([*command, *words.split()], log, signal.SIGKILL, env=clean_environment(), cwd=ROOT)
        try:
            yield journal
        finally:
            client.terminate()
            try:
                client.wait(60)
            except subprocess.TimeoutExpired:
                client.kill()
                client.wait()


@contextmanager
def stage(folder: Path, kafka: broker.KafkaBroker | None = None, **where: str) -> Iterator[Stage]:
    """As Stage; all of it ends with the block."""
    made = Stage(folder, kafka, **where)
    try:
        yield made
    finally:
        made.end()


def _database(server: str) -> str:
    url = make_url(server)
    name = f"chaos_{os.getpid()}_{time.monotonic_ns()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    return url.set(database=name).render_as_string(hide_password=False)


def _number(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar() or 0)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
