"""A course service under the load client while its store fails and comes back, watched from outside."""

import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.chaos.experiment import Run
from tests.chaos.oracle import compare, positions
from tests.chaos.oracle_journal import read
from tests.chaos.oracle_places import in_feed, in_log
from tests.chaos.parts import Client, Part, River
from tests.real_parts.machine import ROOT, start

PATIENCE = 20.0  # seconds in which a service must say how it is


@dataclass
class Watched:
    """`broken` gathers sentences, `counters` what was reached."""

    run: Run
    river: River
    broken: list[str] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)
    treatment: str = ""

    def start(self, inside: Sequence[str] = (), service: str = "course", protection: str = "commit") -> None:
        """A service, behind `inside` (a disk of its own), without the protection in a control."""
        words = ["tests.chaos.storage.weakened", protection, service] if self.run.without else [f"services.{service}"]
        command = [*inside, sys.executable, "-m", *words, "api"]
        environment = self.river._environment() | {"PYTHONPATH": str(ROOT)}  # nsenter begins in another folder
        name = f"{service} api"
        process = start(command, self.river.log(name), signal.SIGKILL, cwd=ROOT, env=environment)
        self.river.parts[name] = Part(name, process.pid)
        self.river.serves(name)

    def load(self, rate: int, *more: str) -> Client:
        options = ("--rate", str(rate), "--twice", "0", "--seed", str(self.run.seed), *more)
        client = Client(self.run.folder, self.river.course_url, *options)
        self.wait(lambda: len(self._first_facts()) >= 3, "the load never began")
        self.treatment = self._first_facts()[0]["treatment"]
        return client

    def watch(self, times: int) -> None:
        """While the store refuses writes: reads must be served, and readiness must tell."""
        for _ in range(times):
            for path in ("/v1/audit/events?limit=10", f"/v1/treatments/{self.treatment}/events/1"):
                self._count("reads served", path, self.ask(path), 200)
            self._count("alive", "/healthz", self.ask("/healthz"), 200)
            self.counters["told not ready"] += self.ask("/readyz") == 503
            time.sleep(0.05)

    def alive_and_told(self) -> None:
        """While the disk fails: the service lives; readiness may say either, as some writes still succeed."""
        self._count("alive", "/healthz", self.ask("/healthz"), 200)
        self.counters["told not ready"] += self.ask("/readyz") == 503

    def refuses_reads(self) -> None:
        """While the store is gone: reads are told to come again, and the service lives."""
        for path, expected in (("/v1/audit/events?limit=10", 503), ("/healthz", 200)):
            self._count("told to come again", path, self.ask(path), expected)

    def ready(self, expected: int) -> None:
        """Waits until readiness says so."""
        if self.run.without and expected == 503:  # an answer before the commit is never told of its failure
            return
        word = "ready" if expected == 200 else "not ready"
        self.wait(lambda: self.ask("/readyz") == expected, f"The service never said that it was {word}.")

    def stores_again(self) -> None:
        """Waits until the log grows."""
        head = self._head()
        self.wait(lambda: self._head() > head, "The service stored nothing any more, though there was space.")

    def verdict(self, client: Client, log: Callable[[], str]) -> None:
        """Ends the load and compares log and feed with what the client was told."""
        client.stop()
        told = read(client.journal)
        feed, stored = list(in_feed(self.river.course_url)), list(in_log(log()))
        compared = [*compare(told, "feed", feed), *positions("feed", feed)]
        compared += [*compare(told, "log", stored), *positions("log", stored)]
        self.broken[:0] = [*compared, *dict.fromkeys(told.wrong)][:10]
        self.counters["acknowledged"] = len(told.acknowledged)
        self.counters["refused"] = refusals(client.journal)

    def ask(self, path: str) -> int:
        try:
            return httpx.get(self.river.course_url + path, timeout=PATIENCE).status_code
        except httpx.TransportError:
            return 0

    def wait(self, until: Callable[[], bool], otherwise: str) -> bool:
        deadline = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > deadline:
                self.broken.append(otherwise)
                return False
            time.sleep(0.02)
        return True

    def _count(self, what: str, path: str, status: int, expected: int) -> None:
        self.counters[what] += status == expected
        if status != expected and len(self.broken) < 20:
            self.broken.append(f"{path.partition('?')[0]} was answered {status} while the store refused writes.")

    def _first_facts(self) -> list[dict[str, str]]:
        page = httpx.get(f"{self.river.course_url}/v1/audit/events?limit=5", timeout=PATIENCE)
        return page.json()["events"] if page.status_code == 200 else []

    def _head(self) -> int:
        page = httpx.get(f"{self.river.course_url}/v1/audit/events?limit=1", timeout=PATIENCE)
        return page.json()["head"] if page.status_code == 200 else 0


def refusals(journal: Path) -> int:
    """Messages that were told to come again."""
    with journal.open(encoding="utf-8") as lines:
        return sum('"status":503' in line for line in lines)


def copied(database: Path, folder: Path) -> str:
    """A SQLite database, with what is still in its write-ahead log, where everybody can read it."""
    for suffix in ("", "-wal"):
        source = database.with_name(database.name + suffix)
        if source.exists():
            shutil.copy(source, folder / f"copy.db{suffix}")
    return f"sqlite:///{folder / 'copy.db'}"
