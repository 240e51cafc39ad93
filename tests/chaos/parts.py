"""The river's parts for experiments: started by fork in a tenth of a second, killed without a warning."""

import atexit
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.end_to_end.processes import clean_environment
from tests.real_parts.broker import KafkaBroker, prepare
from tests.real_parts.fixtures import wipe_kafka
from tests.real_parts.machine import ROOT, free_port, start
from tests.real_parts.postgres import PostgresServer

PATIENCE = 180.0  # seconds; a machine may be busy with much else


class Zygote:
    """The process that forks parts (tests.chaos.zygote); they end with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=clean_environment(),
            start_new_session=True,
            text=True,
        )
        self._answer()

    def fork(self, words: str, env: dict[str, str], log: Path, without: Sequence[str] = ()) -> "Part":
        assert self._process.stdin is not None
        order = {"words": words, "env": env, "log": str(log), "without": list(without)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Part(words, int(self._answer()))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise RuntimeError("the process that forks parts has ended")
        return answer


@cache
def zygote() -> Zygote:
    """One for all experiments of this process: what it imports does not change meanwhile."""
    made = Zygote()
    atexit.register(made.close)
    return made


class Part:
    """One process of the product."""

    def __init__(self, words: str, pid: int) -> None:
        self.words, self.pid = words, pid
        self._handle: int | None = None
        with suppress(ProcessLookupError):
            self._handle = os.pidfd_open(pid)

    @property
    def alive(self) -> bool:
        return self._handle is not None and not select.select([self._handle], [], [], 0)[0]

    def signal(self, number: signal.Signals) -> None:
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> float:
        """kill -9; returns when it was sent, on the monotonic clock, after the process is gone."""
        at = time.monotonic()
        self.signal(signal.SIGKILL)
        self.wait()
        return at

    def wait(self, seconds: float = 30.0) -> None:
        if self._handle is None:
            return
        if not select.select([self._handle], [], [], seconds)[0]:
            raise RuntimeError(f"{self.words} did not end")
        os.close(self._handle)
        self._handle = None


class River:
    """The product's processes in one layout: with `kafka` all four, without it the two that need no broker."""

    def __init__(
        self, folder: Path, *, postgres: PostgresServer | None = None, kafka: KafkaBroker | None = None
    ) -> None:
        self.folder = folder
        self.postgres, self.kafka = postgres, kafka
        self.course_port, self.monitoring_port = free_port(), free_port()
        self.course_url = f"http://127.0.0.1:{self.course_port}"
        self.monitoring_url = f"http://127.0.0.1:{self.monitoring_port}"
        self.course_db = self._database("course")
        self.monitoring_db = self._database("monitoring")
        self.without: dict[str, tuple[str, ...]] = {}
        self.env: dict[str, str] = {}  # beside its own
        self.parts: dict[str, Part] = {}

    def start(self, *words: str) -> None:
        for one in words:
            self.parts[one] = zygote().fork(one, self._environment(), self.log(one), self.without.get(one, ()))

    def kill(self, words: str) -> float:
        return self.parts[words].kill()

    def log(self, words: str) -> Path:
        return self.folder / f"{words.replace(' ', '-')}.log"

    def serves(self, words: str) -> None:
        """Returns when the part answers; raises with the end of its log if it has ended or never does."""
        port = self.course_port if words == "course api" else self.monitoring_port
        wait_for(lambda: answers(port), lambda: self.trouble(words))

    def trouble(self, words: str) -> str:
        log = self.log(words)
        state = "runs" if self.parts[words].alive else "has ended"
        return f"{words} {state}: {log.read_text(encoding='utf-8')[-2000:] if log.exists() else ''}"

    def close(self) -> None:
        for part in self.parts.values():
            part.signal(signal.SIGKILL)

    def _database(self, service: str) -> str:
        if self.postgres is None:
            return f"sqlite:///{self.folder / service}.db"
        name = f"{service}_{self.course_port}"
        engine = create_engine(self.postgres.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"create database {name}"))
        engine.dispose()
        return make_url(self.postgres.url).set(database=name).render_as_string(hide_password=False)

    def _environment(self) -> dict[str, str]:
        own = {
            "COURSEWATCH_DATA": str(self.folder),
            "COURSEWATCH_COURSE_DB": self.course_db,
            "COURSEWATCH_MONITORING_DB": self.monitoring_db,
            "COURSEWATCH_COURSE_PORT": str(self.course_port),
            "COURSEWATCH_MONITORING_PORT": str(self.monitoring_port),
            "COURSEWATCH_COURSE_URL": self.course_url,
        }
        if self.kafka is not None:
            own["COURSEWATCH_KAFKA"] = self.kafka.bootstrap
        return clean_environment() | own | self.env


class Client:
    """The load: a process of its own, with its journal."""

    def __init__(self, folder: Path, url: str, *options: str, name: str = "journal") -> None:
        self.journal = folder / name
        command = [sys.executable, "-m", "tests.chaos.client", "--url", url, "--journal", str(self.journal), *options]
        self._log = folder / f"{name}.log"
        self._process = start(command, self._log, signal.SIGKILL, cwd=ROOT)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """Lets it go on with what is unanswered, then end."""
        self._process.terminate()
        # Each of its connections may still wait for an answer, and then for another one.
        if self._process.wait(PATIENCE):
            raise RuntimeError(f"the load client failed: {self._log.read_text(encoding='utf-8')[-2000:]}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Asks nothing while the block lasts; what it has asked already is under way."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def answers(port: int) -> bool:
    """Whether a service answers there; one that is starting holds the question until it has."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for(ready: Callable[[], bool], trouble: Callable[[], str], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(trouble())
        time.sleep(0.02)


@cache
def postgres() -> PostgresServer:
    """One server for all experiments of this process that leave it alone."""
    server = PostgresServer().start()
    atexit.register(server.close)
    return server


def kafka() -> KafkaBroker:
    """One broker for all experiments of this process that leave it alone; it holds no topic of ours yet."""
    shared = _kafka()
    wipe_kafka(shared.bootstrap)
    return shared


@cache
def _kafka() -> KafkaBroker:
    made = broker()
    atexit.register(made.close)
    return made


def broker() -> KafkaBroker:
    """A Kafka of its own for one experiment."""
    prepare()
    return KafkaBroker().start()
