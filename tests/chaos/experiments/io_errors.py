"""The kernel reports errors of the disk to the course service (SQLite): each of one append, then many under load."""

import shutil
import time
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.parts import River
from tests.chaos.storage.appending import Append, damage, fact_ids, prepare, start, system_calls
from tests.chaos.storage.strace import Strace
from tests.chaos.storage.under_load import Watched, copied

BEFORE = 3
DISK = ("pread64", "pwrite64", "fdatasync", "ftruncate", "openat", "newfstatat", "fcntl")
QUICK = DISK[:-1]  # on a lock that fails SQLite waits for seconds
# What fails, how, and how often: from the n-th call on each, or every so many.
SPELLS = (
    "pwrite64:error=EIO",
    "fdatasync:error=EIO",
    "pwrite64,fdatasync:error=EIO:when=3+5",
    "pwrite64:error=ENOSPC:when=2+3",
    "fdatasync:error=EIO:when=1+2",
    "pread64,pwrite64:error=EIO:when=7+11",
    "ftruncate,fdatasync:error=EDQUOT",
)
FAILURES = ("EIO", "ENOSPC")


def one_append(run: Run) -> Finding:
    """Every call of one append that reaches the disk fails in turn; the same process goes on."""
    without = "commit" if run.without else ""
    template = run.folder / "template.db"
    treatment = prepare(template, BEFORE)
    broken: list[str] = []
    counters = {"errors": 0, "recovered": 0, "refused": 0, "goes on": 0}
    for pages in (0, 1):

        def fresh(pages: int = pages) -> Append:
            folder = run.folder / "point"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            return Append(Path(shutil.copy(template, folder / "course.db")), treatment, ["a", "b"], pages, without)

        points = [point for point in system_calls(fresh()) if point[0] in (DISK if run.size == "full" else QUICK)]
        step = run.times(4 if run.without else 1, 9)
        for call, number in points[run.random.randrange(step) :: step]:
            for failure in FAILURES[: run.times(2, 1)]:
                append = fresh()
                wrong = _fail(append, f"{call}:error={failure}:when={number}+", counters)
                broken += [f"{failure} from {call} number {number} on: {what}." for what in wrong]
        run.say(f"{len(points)} calls that reach the disk")
    floors = {"errors": run.times(80, 4), "refused": run.times(20, 1), "goes on": run.times(80, 4)}
    return Finding(tuple(broken), counters, {} if run.without else floors)


def _fail(append: Append, inject: str, counters: dict[str, int]) -> list[str]:
    """From that call on every one fails; then the disk is mended, and the process is asked again."""
    appending = start(append)
    call = inject.partition(":")[0]
    strace = Strace(
        appending.appender, append.file.with_name("strace"), ["-e", f"trace={call}", "-e", f"inject={inject}"]
    )
    answer = appending.go()
    strace.detach()
    counters["errors"] += strace.injected > 0
    again = appending.go()
    appending.end()
    wrong: list[str] = []
    if told := damage(append.file):
        return [f"the database is damaged ({told})"]
    new = fact_ids(append.file)[1 + BEFORE :]
    if isinstance(answer, list):
        counters["recovered"] += strace.injected > 0
        if [str(one.fact_id) for one in answer] != new:
            wrong.append("what was acknowledged is not there")
    counters["refused"] += answer == "StoreUnavailable"
    if isinstance(again, list) and [str(one.fact_id) for one in again] == new and len(new) == len(append.keys):
        counters["goes on"] += 1
    else:
        wrong.append(f"afterwards {len(new)} of {len(append.keys)} facts are there, answered {again}")
    if not isinstance(answer, list) and answer != "StoreUnavailable":
        wrong.append(f"it answered {answer}")
    return wrong


def under_load(run: Run) -> Finding:
    """Spells of errors on a service under load, which must be over when they are over."""
    with ExitStack() as stack:
        river = River(run.folder)
        stack.callback(river.close)
        on = Watched(run, river)
        on.start()
        client = on.load(run.times(300, 200))
        stack.callback(client.close)
        for spell in (SPELLS * 3)[: run.times(3 if run.without else 21, 1 if run.without else 2)]:
            calls = spell.partition(":")[0]
            options = ["-e", f"trace={calls}", "-e", f"inject={spell}"]
            strace = Strace(river.parts["course api"].pid, run.folder / "strace", options, whole=True)
            time.sleep(run.times(3, 1))
            on.alive_and_told()
            strace.detach()
            on.counters["errors"] += strace.injected
            on.counters["spells"] += 1
            on.ready(200)
            on.stores_again()
            run.say(f"{spell}: {on.counters['errors']} errors so far, {len(on.broken)} broken")
        on.verdict(client, lambda: copied(run.folder / "course.db", run.folder))
        floors = {"errors": run.times(500, 5), "spells": run.times(21, 2), "refused": run.times(200, 2)}
        return Finding(tuple(on.broken), on.counters, {} if run.without else floors)


EXPERIMENTS = (
    Experiment(
        "io_errors_one_append",
        "Whichever call of an append the disk fails, nothing is acknowledged that is not stored, and it goes on.",
        one_append,
        "waiting for the commit before the answer",
    ),
    Experiment(
        "io_errors_under_load",
        "While the disk fails nothing is answered 2xx that is not stored, and it goes on without a restart.",
        under_load,
        "waiting for the commit before the answer",
    ),
)
