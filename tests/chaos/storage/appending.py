"""One append in a process of its own, which waits to be watched before it begins and may die in the middle."""

import asyncio
import multiprocessing
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

from services.course.application import Ledger, RecordingFailed, StoreUnavailable
from services.course.domain.outcome import Outcome, Stored
from shared.clock import SystemClock
from tests.chaos.storage.strace import Strace
from tests.chaos.storage.weakened import take_away
from tests.course.ledgers import assert_gapless, infusion, opened, record, whole_log

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.storage.appending"])


@dataclass(frozen=True)
class Append:
    """Facts of one treatment that are recorded together; `pages` after which SQLite checkpoints (0: as it likes)."""

    file: Path
    treatment: UUID
    keys: Sequence[str]
    pages: int = 0
    without: str = ""


@dataclass
class Appending:
    """A started process: `appender` is the thread that writes. `go` lets it append and tells how it ended."""

    process: Any
    pipe: Connection
    appender: int
    answers: list[list[Stored] | str] = field(default_factory=list)

    def go(self) -> list[Stored] | str | None:
        """The answer; a sentence where it was refused; None where the process died."""
        try:
            self.pipe.send("go")
            answer: list[Stored] | str = self.pipe.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            return None
        return answer

    def end(self) -> None:
        try:
            self.pipe.send("end")
        except OSError:
            self.process.kill()
        self.process.join(10)
        self.pipe.close()


def start(append: Append) -> Appending:
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=_append, args=(append, theirs), daemon=True)  # type: ignore[attr-defined] # a context has it
    process.start()
    theirs.close()
    return Appending(process, ours, ours.recv())


def system_calls(append: Append) -> list[tuple[str, int]]:
    """What the writing thread asks of the kernel for this append: each call's name and its number among its like."""
    appending = start(append)
    strace = Strace(appending.appender, append.file.with_name("strace"), ["-e", "trace=all"])
    appending.go()
    strace.detach()
    appending.end()
    names = re.findall(r"^(\w+)\(", strace.log.read_text(errors="replace"), re.MULTILINE)
    counted: Counter[str] = Counter()
    points = []
    for name in names:
        counted[name] += 1
        points.append((name, counted[name]))
    return points


def prepare(file: Path, facts: int) -> UUID:
    """A log with one treatment and a few facts; closed, so that the file is all of it."""
    ledger = open_ledger(file)
    treatment = opened(ledger).treatment
    record(ledger, *(infusion(treatment, key=f"before-{number}") for number in range(facts)))
    ledger.close()
    return treatment


def open_ledger(file: Path) -> Ledger:
    return Ledger.open(f"sqlite:///{file}", SystemClock())


def damage(file: Path) -> str:
    """What SQLite finds wrong with a database, or a fact without its message; empty if nothing."""
    try:
        with sqlite3.connect(file) as connection:
            told = str(connection.execute("pragma integrity_check").fetchone()[0])
            halves = connection.execute("select count(*) - 1 from event").fetchone()[0]
            halves -= connection.execute("select count(*) from message join event using (position)").fetchone()[0]
        connection.close()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if (told, halves) == ("ok", 0) else f"{told}, {halves} facts without a message"


def fact_ids(file: Path) -> list[str]:
    """The fact ids of the log, in order; it must be gapless."""
    ledger = open_ledger(file)
    try:
        log = whole_log(ledger)
        assert_gapless(log)
        return [item.fact_id for item in log]
    finally:
        ledger.close()


def _append(append: Append, pipe: Connection) -> None:
    take_away(append.without)
    ledger = open_ledger(append.file)
    if append.pages:
        with ledger._database.write() as connection:
            connection.exec_driver_sql(f"pragma wal_autocheckpoint={append.pages}")
    thread = ledger._appender._thread
    assert thread is not None
    pipe.send(thread.native_id)
    while pipe.recv() == "go":
        pipe.send(_answer(ledger, append))
    ledger.close()


def _answer(ledger: Ledger, append: Append) -> list[Outcome] | str:
    facts = [infusion(append.treatment, key=key) for key in append.keys]
    try:
        return asyncio.run(ledger.record(facts))
    except (StoreUnavailable, RecordingFailed) as refused:
        return type(refused).__name__
