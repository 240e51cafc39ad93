"""Processes that answer HTTP on a port of their own while a benchmark runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import httpx

from tests.real_parts.machine import answers, free_port, start, wait_until


class Server:
    """A context manager around `command`, in which `{port}` stands for the port."""

    def __init__(
        self, command: Sequence[str], folder: Path, name: str, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, *(word.replace("{port}", str(self.port)) for word in command)]
        self._log = folder / f"{name}.log"
        given = {name: value.replace("{port}", str(self.port)) for name, value in (settings or {}).items()}
        self._environment = {**os.environ, **given}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def until(self, ready: Callable[[], bool]) -> None:
        """Waits, as long as the process lives and not for ever."""
        assert self._process is not None
        wait_until(ready, self._process, self._log, seconds=300)

    def __enter__(self) -> "Server":
        self._process = start(self._command, self._log, signal.SIGTERM, env=self._environment)
        wait_until(lambda: answers(self.port), self._process, self._log)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def course(database: str, folder: Path) -> Server:
    """The course service as `coursewatch course api` runs it."""
    settings = {"COURSEWATCH_COURSE_DB": database, "COURSEWATCH_COURSE_PORT": "{port}", "COURSEWATCH_DATA": str(folder)}
    return Server(["-m", "services.cli", "course", "api"], folder, "course", settings)


def monitoring(database: str, folder: Path, settings: Mapping[str, str]) -> Server:
    """The monitoring service's answering part as `coursewatch monitoring api` runs it beside a consumer."""
    given = {"COURSEWATCH_MONITORING_DB": database, "COURSEWATCH_MONITORING_PORT": "{port}", **settings}
    return Server(["-m", "services.cli", "monitoring", "api"], folder, "monitoring", given)


def relay(folder: Path, settings: Mapping[str, str]) -> Server:
    """`coursewatch course relay`, with the port on which it tells how it is."""
    given = {"COURSEWATCH_RELAY_PORT": "{port}", **settings}
    return Server(["-m", "services.cli", "course", "relay"], folder, "relay", given)


def consumer(folder: Path, settings: Mapping[str, str]) -> Server:
    """`coursewatch monitoring consume`, with the port on which it tells how it is."""
    given = {"COURSEWATCH_CONSUMER_PORT": "{port}", **settings}
    return Server(["-m", "services.cli", "monitoring", "consume"], folder, "consumer", given)


def baseline(module: str, folder: Path, settings: Mapping[str, str] | None = None) -> Server:
    """An application `app` of a module, by uvicorn with the options of the product."""
    options = [
        "--port",
        "{port}",
        "--no-access-log",
        "--log-level",
        "warning",
        "--no-server-header",
        "--backlog",
        "2048",
    ]
    return Server(["-m", "uvicorn", f"{module}:app", *options], folder, module.rpartition(".")[2], settings)


def stock(database: str, folder: Path) -> Server:
    """The same doors on the eventsourcing library's own recorder."""
    return baseline("tests.benchmarks.baselines.stock_doors", folder, {"COURSEWATCH_BENCH_DB": database})


def trivial(folder: Path) -> Server:
    """The same door for one fact, storing nothing."""
    return baseline("tests.benchmarks.baselines.trivial", folder)


def opened(url: str, count: int) -> list[str]:
    """Treatments of made-up patients, opened through the door."""

    def one(number: int) -> str:
        whose = {"identifier": {"system": "urn:example:mrn", "value": str(number)}, "zone": "Europe/Berlin"}
        answer = client.post("/v1/treatments", json=whose)
        answer.raise_for_status()
        return str(answer.json()["treatment"])

    with httpx.Client(base_url=url, timeout=60) as client, ThreadPoolExecutor(16) as many:
        return list(many.map(one, range(count)))
