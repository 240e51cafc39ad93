"""What waits for the appender, and how its answer gets back into the event loop it came from."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from services.course.domain.submission import Submission

Work = Callable[[Connection], Any]


class Job:
    """One request: facts to record, or work to do under the append lock. Made inside an event loop."""

    def __init__(self, what: Sequence[Submission] | Work) -> None:
        self.what = what
        self.size = 1 if callable(what) else len(what)
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()


Answered = tuple[Job, Any]
"""A job and its answer, or the exception that it shall raise."""


def deliver(answered: Iterable[Answered]) -> None:
    """Answers from another thread; each event loop is woken once, whatever the number of its jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Answered]] = {}
    for job, answer in answered:
        by_loop.setdefault(job.loop, []).append((job, answer))
    for loop, its in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, its)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _resolve(answered: Iterable[Answered]) -> None:
    for job, answer in answered:
        if job.future.done():  # the request was given up
            continue
        if isinstance(answer, Exception):
            job.future.set_exception(answer)
        else:
            job.future.set_result(answer)
