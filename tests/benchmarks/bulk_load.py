"""python -m tests.benchmarks.bulk_load: sends many facts a request, and counts the answers.

A process of its own. Standard input: one JSON object, a `BulkPlan`; standard output: one, a `BulkSeen`. The bodies are
made before the clock starts.
"""

import http.client
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import msgspec

from tests.benchmarks import samples
from tests.benchmarks.client import Client

NDJSON = {"Content-Type": "application/x-ndjson"}


class BulkPlan(msgspec.Struct):
    """`facts` blood counts, numbered from `first`, in requests of `a_request` over as many `connections`."""

    port: int
    targets: list[str]
    facts: int
    first: int = 0
    a_request: int = 10_000
    connections: int = 1


class BulkSeen(msgspec.Struct):
    """`seconds` from the first byte sent to the last received; `statuses`: of the items (of requests, where the answer
    does not tell of items).
    """

    seconds: float
    statuses: dict[str, int]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds


def sending(plan: BulkPlan) -> Client[BulkSeen]:
    """Starts the client beside this process."""
    return Client("tests.benchmarks.bulk_load", plan, BulkSeen)


def _send(plan: BulkPlan) -> BulkSeen:
    starts = range(plan.first, plan.first + plan.facts, plan.a_request)
    until = plan.first + plan.facts
    bodies = [samples.lines(start, min(plan.a_request, until - start), plan.targets) for start in starts]
    began = time.perf_counter()
    with ThreadPoolExecutor(plan.connections) as threads:
        told = list(threads.map(lambda its: _over_one(plan.port, its), _dealt(bodies, plan.connections)))
    return BulkSeen(time.perf_counter() - began, dict(sum(told, Counter())))


def _dealt(bodies: list[bytes], hands: int) -> list[list[bytes]]:
    return [bodies[hand::hands] for hand in range(hands)]


def _over_one(port: int, bodies: list[bytes]) -> Counter[str]:
    """One request after another over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    statuses: Counter[str] = Counter()
    for body in bodies:
        connection.request("POST", "/v1/events", body, NDJSON)
        answer = connection.getresponse()
        told = answer.read()
        counts = msgspec.json.decode(told.rstrip().rpartition(b"\n")[2]) if answer.status == 200 else {}
        statuses.update(counts.get("counts", {str(answer.status): 1}))
    connection.close()
    return statuses


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_send(msgspec.json.decode(sys.stdin.buffer.read(), type=BulkPlan))))
