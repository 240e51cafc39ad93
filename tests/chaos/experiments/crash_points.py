"""The appending process dies before each system call of one append in turn; the log is read again after each death."""

import shutil
from pathlib import Path

from services.course.domain.outcome import Stored
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.storage.appending import Append, damage, fact_ids, prepare, start, system_calls
from tests.chaos.storage.strace import Strace

BEFORE = 3  # facts in the log before the append
# Alone; with others in one transaction; and where the commit also brings the log into the database file.
APPENDS = {"one fact": (1, 0), "three facts": (3, 0), "one fact and a checkpoint": (1, 1)}
Answer = list[Stored] | str | None


def go(run: Run) -> Finding:
    if not run.without:
        return _every_point(run, "")
    # Two protections, each taken away alone: each must be missed.
    doubled, torn = _every_point(run, "idempotency"), _every_point(run, "journal")
    missed = (*doubled.broken[:1], *torn.broken[:1]) if doubled.broken and torn.broken else ()
    return Finding(missed, torn.counters, {}, {"doubled": len(doubled.broken), "torn": len(torn.broken)})


def _every_point(run: Run, without: str) -> Finding:
    template = run.folder / f"template-{without}.db"
    treatment = prepare(template, BEFORE)
    broken: list[str] = []
    counters = {"crashes": 0, "absent": 0, "stored though unanswered": 0, "never reached": 0}
    for name, (facts, pages) in APPENDS.items():
        keys = [f"key-{number}" for number in range(facts)]

        def fresh(keys: list[str] = keys, pages: int = pages) -> Append:
            folder = run.folder / "point"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            file = Path(shutil.copy(template, folder / "course.db"))
            return Append(file, treatment, keys, pages, without)

        points = system_calls(fresh())
        step = run.times(1, 4 if without else 14)
        for call, number in points[run.random.randrange(step) :: step]:
            append = fresh()
            crashed, answer = _crash(append, call, number)
            wrong = _judge(append, answer, counters)
            broken += [f"{name}, dead before its {call} number {number}: {what}." for what in wrong]
            counters["crashes" if crashed else "never reached"] += 1
        run.say(f"{name}{without and ' without ' + without}: {len(points)} system calls")
        if without:
            break
    floors = {"crashes": run.times(140, 10), "absent": run.times(60, 4), "stored though unanswered": run.times(6, 1)}
    return Finding(tuple(broken), counters, floors)


def _crash(append: Append, call: str, number: int) -> tuple[bool, Answer]:
    """Whether it died before that system call, and what it had answered by then."""
    appending = start(append)
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
    strace = Strace(appending.appender, append.file.with_name("strace"), inject)
    answer = appending.go()
    if answer is not None:
        strace.detach()
    appending.end()
    strace.wait()
    return appending.process.exitcode != 0, answer


def _judge(append: Append, answer: Answer, counters: dict[str, int]) -> list[str]:
    if told := damage(append.file):
        return [f"the database is damaged ({told})"]
    found = fact_ids(append.file)
    new = found[1 + BEFORE :]
    wrong: list[str] = []
    if len(new) not in {0, len(append.keys)}:
        wrong.append(f"{len(new)} of {len(append.keys)} facts are there")
    if isinstance(answer, list) and [str(one.fact_id) for one in answer] != new:
        wrong.append("what was acknowledged is not there")
    if answer is None:
        counters["stored though unanswered" if new else "absent"] += 1
    retry = start(append)
    again = retry.go()
    retry.end()
    after = fact_ids(append.file)[1 + BEFORE :]
    if not isinstance(again, list) or [str(one.fact_id) for one in again] != after or (new and new != after):
        wrong.append(f"after the retry {len(after)} facts are there instead of {len(append.keys)}")
    return wrong


EXPERIMENTS = (
    Experiment(
        "crash_points",
        "A process that dies before any system call of an append leaves all of it or nothing, keeps what it "
        "acknowledged, and the retry gets exactly one.",
        go,
        "idempotency, then the journal (journal_mode=OFF)",
    ),
)
