"""The one appender of this process: requests that arrive together share one transaction (group commit)."""

import logging
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from threading import Condition, Thread
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from services.course.domain.outcome import Opened, Outcome, Stored
from services.course.domain.submission import Submission
from services.course.persistence.event_log import lock_appends
from services.course.persistence.jobs import Answered, Job, deliver
from services.course.persistence.recording import Recording
from shared.database import UNAVAILABLE, Database, cause

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

GROUP = 1000
"""Facts that may share one transaction; a single job may bring more."""
WAITING = 40_000
"""Facts that may wait before the next request is told to come again."""


class StoreUnavailable(Exception):
    """The store did not take it; nothing of the request was stored and it may be sent again."""


class RecordingFailed(Exception):
    """A mistake of ours; its text names no value, for the original error might."""


class Appender:
    """Owns the thread that writes; `appended` is called in it after every commit."""

    def __init__(self, database: Database, recording: Recording, appended: Callable[[], None]) -> None:
        self._database = database
        self._recording = recording
        self._appended = appended
        self._jobs: deque[Job] = deque()
        self._waiting = 0
        self._closing = False
        self._failing = False
        self._changed = Condition()
        self._thread = Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    @property
    def failing(self) -> bool:
        """Whether the store refused the last transaction."""
        return self._failing

    async def record(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """Waits for the commit; raises StoreUnavailable."""
        return cast("list[Outcome]", await self._hand_in(Job(submissions)))

    async def run(self, work: Callable[[Connection], Answer]) -> Answer:
        """Does `work` in an append transaction and waits for the commit; it may be done twice: be idempotent."""
        return cast("Answer", await self._hand_in(Job(work)))

    def close(self) -> None:
        """Finishes what was handed in."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    async def _hand_in(self, job: Job) -> Any:
        with self._changed:
            if self._closing or self._waiting >= WAITING:
                raise StoreUnavailable
            self._jobs.append(job)
            self._waiting += job.size
            self._changed.notify()
        return await job.future

    def _run(self) -> None:
        while group := self._next_group():
            deliver(self._commit(group))

    def _next_group(self) -> list[Job]:
        with self._changed:
            while not self._jobs and not self._closing:
                self._changed.wait()
            group: list[Job] = []
            size = 0
            while self._jobs and (not group or size + self._jobs[0].size <= GROUP):
                group.append(self._jobs.popleft())
                size += group[-1].size
            self._waiting -= size
            return group

    def _commit(self, group: list[Job]) -> list[Answered]:
        try:
            answers = self._answers(group)
        except UNAVAILABLE as error:
            self._notice(error)
            return [(job, StoreUnavailable()) for job in group]
        except Exception as error:  # whatever it is, it is one job's and must not fail the others
            if len(group) > 1:
                return [answered for job in group for answered in self._commit([job])]
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("A request could not be recorded: %s\n%s", type(error).__name__, where)
            return [(group[0], RecordingFailed(type(error).__name__))]
        self._notice(None)
        self._appended()
        return list(zip(group, answers, strict=True))

    def _notice(self, error: Exception | None) -> None:
        """Tells the operator once when the store stops taking facts, and once when it takes them again."""
        if error is not None and not self._failing:
            logger.error("The store takes no facts (%s); senders are told to try again.", cause(error))
        elif error is None and self._failing:
            logger.warning("The store takes facts again.")
        self._failing = error is not None

    def _answers(self, group: list[Job]) -> list[Any]:
        decided: list[Any] = []
        try:
            return self._transaction(group, decided)
        except UNAVAILABLE:
            # The reply to a COMMIT may have been lost. What is stored tells, and doing it again is idempotent.
            answers = self._transaction(group, [])
            return list(map(_original, decided, answers)) if decided else answers

    def _transaction(self, group: list[Job], decided: list[Any]) -> list[Any]:
        """Commits and returns an answer a job; `decided` has them already if only the commit fails."""
        with self._database.write() as connection:
            lock_appends(connection)
            answers: list[Any] = []
            for run in _runs(group):
                work = run[0].what
                answers += [work(connection)] if callable(work) else self._record(connection, run)
            decided += answers
        return answers

    def _record(self, connection: Connection, jobs: list[Job]) -> list[list[Outcome]]:
        facts = [cast("Sequence[Submission]", job.what) for job in jobs]
        outcomes = iter(self._recording.record(connection, [fact for its in facts for fact in its]))
        return [[next(outcomes) for _ in its] for its in facts]


def _runs(group: Iterable[Job]) -> Iterator[list[Job]]:
    """Neighbours that record facts go together, work goes alone; the order stays."""
    for _, jobs in groupby(group, lambda job: id(job) if callable(job.what) else 0):
        yield list(jobs)


def _original(before: Any, now: Any) -> Any:
    """The answer of the first try where the second found that it was committed after all."""
    if isinstance(before, list):
        return list(map(_original, before, now))
    kept = isinstance(before, Stored | Opened) and isinstance(now, Stored | Opened)
    return before if kept and before.fact_id == now.fact_id else now
