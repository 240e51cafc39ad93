"""One connection's worth of load: makes facts, promises them to the journal, sends, and notes what it is told.

A request that fails is sent again with the same message ids until it is answered; a few are given up, so that some
facts stay attempted and unanswered.
"""

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import urlsplit

from tests.chaos.client.facts import Fact, content_hash, fact, opening
from tests.chaos.client.journal import Journal
from tests.chaos.client.treatments import Treatment, Treatments

SECONDS = 20.0
"""How long an answer may take before the request counts as failed."""
PAUSE = 0.02
GIVEN_UP = 0.04
"""The share of failures after which a request is not sent again."""
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class Budget(Protocol):
    def take(self, facts: int) -> None: ...


class Shared:
    """What all connections of one client have in common."""

    def __init__(self, run: str, urls: list[str], journal: Journal, treatments: Treatments, budget: Budget) -> None:
        self.run, self.urls, self.journal, self.treatments, self.budget = run, urls, journal, treatments, budget
        self.stopping = threading.Event()
        self.deadline = float("inf")
        self.messages = itertools.count(1)
        self.requests = itertools.count(1)


class Sender:
    def __init__(self, shared: Shared, number: int, seed: int, bulk: float, largest: int, twice: float) -> None:
        self._shared = shared
        self._draw = random.Random(f"{seed}/{number}")
        self._turn = number
        self._bulk, self._largest, self._twice = bulk, largest, twice
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self._shared.stopping.is_set():
            one = self._shared.treatments.draw(self._draw)
            if not one.name:
                time.sleep(PAUSE)
            elif one.treatment is None:
                self._open(one)
            elif self._draw.random() < self._bulk:
                self._many()
            else:
                self._one(one, one.treatment)
        self._hang_up()

    def _open(self, one: Treatment) -> None:
        body = json.dumps(opening(one.name)).encode()
        answers = self._insist("POST", "/v1/treatments", body, "application/json", [{"open": one.name}])
        if answers and "treatment" in answers[0]:
            self._shared.treatments.opened(one, str(answers[0]["treatment"]))
        else:
            self._shared.treatments.given_up()

    def _one(self, one: Treatment, treatment: str) -> None:
        (number,) = self._shared.treatments.numbers(one, 1)
        made = fact(self._message(), number, self._draw)
        self._shared.budget.take(1)
        path, body = f"/v1/treatments/{treatment}/events", json.dumps(made).encode()
        self._maybe_twice(path, body, "application/json", [_named(made, treatment)])

    def _many(self) -> None:
        lines: list[bytes] = []
        named: list[Fact] = []
        for _ in range(self._draw.randint(2, self._largest)):
            one = self._shared.treatments.draw(self._draw)
            if one.treatment is None:
                if one.name:
                    self._shared.treatments.given_up()
                continue
            (number,) = self._shared.treatments.numbers(one, 1)
            made = fact(self._message(), number, self._draw)
            lines.append(json.dumps({**made, "treatment": one.treatment}).encode())
            named.append(_named(made, one.treatment))
        if lines:
            self._shared.budget.take(len(lines))
            self._maybe_twice("/v1/events", b"\n".join(lines), "application/x-ndjson", named)

    def _maybe_twice(self, path: str, body: bytes, kind: str, named: list[Fact]) -> None:
        self._insist("POST", path, body, kind, named)
        if self._draw.random() < self._twice:
            self._insist("POST", path, body, kind, named)

    def _message(self) -> str:
        return f"{self._shared.run}-{next(self._shared.messages)}"

    def _insist(self, method: str, path: str, body: bytes, kind: str, named: list[Fact]) -> list[Fact] | None:
        """Sends until it is answered; None if it was given up."""
        while True:
            request = next(self._shared.requests)
            self._shared.journal.promise({"try": request, "messages": named})
            answers: list[Fact] = []
            sent = time.monotonic()
            try:
                for answer in self._ask(method, path, body, kind):
                    which = named[int(str(answer.get("index", 0)))]
                    answers.append(answer)
                    self._shared.journal.note({"ack": request, "of": which, **_kept(answer)})
                if len(answers) < len(named):
                    raise http.client.HTTPException("the answer breaks off")
            except _BROKEN as error:
                self._hang_up()
                why = f"{type(error).__name__}: {error}"[:120]
                self._shared.journal.note({"fail": request, "why": why, "sent": round(sent, 6)})
                if self._draw.random() < GIVEN_UP or time.monotonic() > self._shared.deadline:
                    return None
                time.sleep(PAUSE + self._draw.random() * PAUSE)
                continue
            self._shared.journal.note({"done": request, "sent": round(sent, 6)})
            if all(answer["status"] != 503 for answer in answers):
                return answers
            if self._draw.random() < GIVEN_UP or time.monotonic() > self._shared.deadline:
                return None
            time.sleep(PAUSE + self._draw.random() * PAUSE)

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> Iterator[Fact]:
        """One answer a fact, as soon as it can be read."""
        connection = self._connected()
        connection.request(method, path, body, {"Content-Type": kind})
        response = connection.getresponse()
        if kind != "application/x-ndjson" or response.status != 200:
            answer = json.loads(response.read())
            yield {**answer, "status": response.status}
            return
        for line in response:
            answer = json.loads(line)
            if "index" in answer:
                yield answer

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            urls = self._shared.urls
            self._turn += 1
            place = urlsplit(urls[self._turn % len(urls)])
            self._connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=SECONDS)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _named(made: Fact, treatment: str) -> Fact:
    return {"id": made["message_id"], "treatment": treatment, "sha256": content_hash(made)}


def _kept(answer: Fact) -> Fact:
    names = ("status", "fact_id", "treatment", "version", "position")
    return {name: answer[name] for name in names if name in answer}
