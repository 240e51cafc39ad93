"""The power fails at every moment between two synchronisations, in every way a disk may then look; SQLite opens it."""

import json
import multiprocessing
import pickle
import random
import sqlite3
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.storage.appending import open_ledger
from tests.chaos.storage.disk_trace import Acknowledge, Operation, Sync
from tests.chaos.storage.power import Disk, Image
from tests.chaos.storage.session import Session, recorded
from tests.course.ledgers import infusion, opened, record

JOBS = 2


@dataclass(frozen=True)
class Part:
    """Every `JOBS`-th moment of one recording; the service itself opens one image in `opened`."""

    recording: Path
    first: int
    seed: int
    at_random: int
    structured: int
    opened: int


def go(run: Run) -> Finding:
    parts: list[Part] = []
    rng = run.random
    for number in range(run.times(1 if run.without else 10, 1)):
        folder = run.folder / f"disk-{number}"
        folder.mkdir()
        sessions = [
            Session([rng.choice((1, 1, 1, 2, 3, 8)) for _ in range(run.times(16, 3))], pages)
            for pages in (0, 12, 40)[: run.times(3, 2)]
        ]
        done = recorded(folder, sessions, "sync" if run.without else "", run.folder / "strace")
        kept = run.folder / f"recording-{number}"
        kept.write_bytes(pickle.dumps(done))
        sizes = (run.times(60, 6), run.times(100, 8), run.times(400, 60))
        parts += [Part(kept, first, run.seed + number, *sizes) for first in range(JOBS)]
    run.say(f"recorded {len(parts) // JOBS} runs; the power fails")
    counters: Counter[str] = Counter()
    broken: list[str] = []
    with ProcessPoolExecutor(JOBS, multiprocessing.get_context("forkserver")) as pool:
        for done, (counted, wrong) in enumerate(pool.map(fail, parts), 1):
            counters += counted
            broken += wrong
            run.say(f"{done} of {len(parts)} parts: {counters['images']} images, {len(broken)} bad")
    floors = {"images": run.times(100_000, 300), "opened by the service": run.times(200, 2)}
    return Finding(tuple(broken[:20]), counters, floors, {"bad images": len(broken)})


def fail(part: Part) -> tuple[Counter[str], list[str]]:
    """The images of one part, each opened; what was reached, and a sentence for each that is bad."""
    operations: list[Operation] = pickle.loads(part.recording.read_bytes())
    rng = random.Random(f"{part.seed} {part.first}")
    ends = _ends(operations)
    counters: Counter[str] = Counter()
    wrong: list[str] = []
    disk, answered, moment = Disk(), 0, 0
    seen: set[bytes] = set()
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        for operation in [*operations, Sync("")]:
            if isinstance(operation, Sync):
                moment += 1
                if moment % JOBS == part.first:
                    counters["moments"] += 1
                    for image in disk.images(rng, part.at_random, part.structured):
                        if _is_new(image, answered, seen):
                            counters["images"] += 1
                            wrong += _judge(image, answered, ends, Path(folder), part.opened, counters)
            elif isinstance(operation, Acknowledge):
                answered += len(json.loads(operation.line))
                continue
            disk.does(operation)
    return counters, wrong


def _ends(operations: list[Operation]) -> tuple[list[str], set[int]]:
    """The fact ids of the whole log, and how many there may be: where a transaction ends."""
    ids: list[str] = []
    ends = {0}
    for operation in operations:
        if isinstance(operation, Acknowledge):
            ids += json.loads(operation.line)
            ends.add(len(ids))
    return ids, ends


def _is_new(image: Image, answered: int, seen: set[bytes]) -> bool:
    digest = blake2b(str(answered).encode(), digest_size=16)
    for name in sorted(image):
        digest.update(name.encode() + b"\0" + image[name])
    known = digest.digest() in seen
    seen.add(digest.digest())
    return not known


def _judge(
    image: Image, answered: int, log: tuple[list[str], set[int]], folder: Path, every: int, counters: Counter[str]
) -> list[str]:
    for old in folder.iterdir():
        old.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    file = folder / "course.db"
    wrong = _read(file, answered, *log) if file.exists() or answered else ""
    counters["lost nothing"] += not wrong
    if not wrong and counters["images"] % every == 0:
        counters["opened by the service"] += 1
        wrong = _goes_on(file)
    return [f"{wrong} ({answered} were acknowledged)"] if wrong else []


def _read(file: Path, answered: int, ids: list[str], ends: set[int]) -> str:
    """What is wrong with a database after the power came back; empty if nothing."""
    connection = sqlite3.connect(file)
    try:
        told = connection.execute("pragma integrity_check").fetchone()[0]
        if told != "ok":
            return f"The database is damaged: {told}"
        if not connection.execute("select count(*) from sqlite_master where name = 'event'").fetchone()[0]:
            return "The log is gone" if answered else ""
        rows = connection.execute("select position, fact_id, topic from event order by position").fetchall()
        messages = connection.execute("select count(*) from message").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return f"The database can't be read: {error}"
    finally:
        connection.close()
    count = len(rows)
    wrong = {
        "there are gaps": [row[0] for row in rows] != list(range(1, count + 1)),
        "it ends within a transaction": count not in ends,
        "facts lack their messages": messages != sum(not row[2].endswith(":TreatmentOpened") for row in rows),
        "acknowledged facts are lost": count < answered,
        "facts are others": [row[1] for row in rows] != [one.replace("-", "") for one in ids[:count]],
    }
    told = ", ".join(what for what, is_so in wrong.items() if is_so)
    return f"Of {count} facts {told}" if told else ""


def _goes_on(file: Path) -> str:
    """Whether the service opens it and records."""
    ledger = open_ledger(file)
    try:
        record(ledger, infusion(opened(ledger).treatment, key="after the power came back"))
    finally:
        ledger.close()
    return ""


def _memory() -> str | None:
    """Where files cost nothing: a hundred thousand images need no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


EXPERIMENTS = (
    Experiment(
        "power_loss",
        "Whatever sectors a disk had not yet confirmed when its power failed, SQLite finds every acknowledged fact.",
        go,
        "waiting for the disk at each commit (synchronous=NORMAL)",
    ),
)
