"""Appends in a process whose every word to the disk is recorded, and what it was answered, in a file beside it."""

import asyncio
import json
import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from services.course.domain.outcome import Stored
from tests.chaos.storage.appending import open_ledger
from tests.chaos.storage.disk_trace import OPTIONS, Operation, operations
from tests.chaos.storage.strace import Strace
from tests.chaos.storage.weakened import take_away
from tests.course.ledgers import infusion, opened, patient

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.storage.session"])


@dataclass(frozen=True)
class Session:
    """From opening to closing: how many facts each append has; `pages` after which SQLite checkpoints (0: its own)."""

    appends: Sequence[int]
    pages: int = 0


def recorded(folder: Path, sessions: Sequence[Session], without: str, log: Path) -> list[Operation]:
    """Runs the sessions one after another on `folder`/course.db; what they did to the folder, in order."""
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=_run, args=(folder, sessions, without, theirs), daemon=True)  # type: ignore[attr-defined] # a context has it
    process.start()
    theirs.close()
    ours.recv()
    strace = Strace(process.pid, log, OPTIONS, whole=True)
    ours.send("go")
    process.join()
    strace.wait()
    if process.exitcode:
        raise RuntimeError("The recorded process failed; its error is above.")
    return operations(log, folder)


def _run(folder: Path, sessions: Sequence[Session], without: str, pipe: Connection) -> None:
    take_away(without)
    pipe.send("ready")
    pipe.recv()
    answers = os.open(folder / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    count = 0
    for number, session in enumerate(sessions):
        ledger = open_ledger(folder / "course.db")
        if session.pages:
            with ledger._database.write() as connection:
                connection.exec_driver_sql(f"pragma wal_autocheckpoint={session.pages}")
        treatment = opened(ledger, patient(number))
        os.write(answers, _line([str(treatment.fact_id)]))
        for facts in session.appends:
            said = [infusion(treatment.treatment, key=f"{number}-{count + which}") for which in range(facts)]
            count += facts
            stored = asyncio.run(ledger.record(said))
            os.write(answers, _line([str(one.fact_id) for one in stored if isinstance(one, Stored)]))
        ledger.close()


def _line(fact_ids: list[str]) -> bytes:
    return json.dumps(fact_ids).encode() + b"\n"
