"""python -m tests.benchmarks.load: posts prepared requests over keep-alive connections and says what came back.

A process of its own on bare sockets, so that it takes as little as it can of the cores that it shares with what it
measures. Standard input: one JSON object, a `Plan`; standard output: one, a `Seen`.
"""

import select
import socket
import sys
import time
from collections import Counter

import msgspec

from tests.benchmarks.client import Client

_END = b"\r\n\r\n"


class Plan(msgspec.Struct):
    """`head` and `body` hold `number` (16 digits) where the number of the request shall stand, and `target` where one
    of `targets` shall. Without `rate` each connection sends when its last answer is there; with it, requests leave at
    that many a second, and an answer is as late as it comes after the moment at which it should have been asked for.
    """

    port: int
    path: str
    body: str
    targets: list[str]
    connections: int = 128
    requests: int = 0  # 0: as many as fit into `seconds`
    seconds: float = 0.0
    rate: float = 0.0
    first: int = 0
    headers: dict[str, str] = {}


class Seen(msgspec.Struct):
    """`seconds` from the first request to the last answer; `latencies` in milliseconds, in the order of the answers."""

    seconds: float
    statuses: dict[str, int]
    latencies: list[float]
    busy: float  # the share of its time in which this client worked: near 1 it is itself what is measured

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds


def posting(plan: Plan) -> Client[Seen]:
    """Starts the client beside this process."""
    return Client("tests.benchmarks.load", plan, Seen)


class _Connection:
    """One socket, and what has come of the answer it waits for."""

    __slots__ = ("asked_at", "got", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.asked_at = 0.0

    def answered(self) -> str | None:
        """The status of the answer once it is whole."""
        self.got += self.socket.recv(65_536)
        head = self.got.find(_END)
        if not self.got:
            raise RuntimeError("The server hung up.")
        if head < 0:
            return None
        at = self.got.lower().find(b"content-length:", 0, head) + 15
        length = int(self.got[at : self.got.find(b"\r", at)])
        if len(self.got) < head + 4 + length:
            return None
        status = self.got[9:12].decode()
        self.got = b""
        return status


class _Client:
    def __init__(self, plan: Plan) -> None:
        self._requests = _Requests(plan)
        self._plan = plan
        self._connections: dict[int, _Connection] = {}
        self._poll = select.epoll()
        for _ in range(plan.connections):
            connection = _Connection(plan.port)
            self._connections[connection.socket.fileno()] = connection
            self._poll.register(connection.socket, select.EPOLLIN)
        self._idle = list(self._connections.values())
        self._statuses: Counter[str] = Counter()
        self._latencies: list[float] = []

    def run(self) -> Seen:
        plan = self._plan
        began, cpu = time.perf_counter(), time.process_time()
        until = began + plan.seconds if plan.seconds else float("inf")
        limit = plan.requests or sys.maxsize
        sent = 0
        last = began
        while True:
            now = time.perf_counter()
            due = limit if not plan.rate else min(limit, int((now - began) * plan.rate) + 1)
            while self._idle and sent < due and now < until:
                at = began + sent / plan.rate if plan.rate else now
                self._send(self._idle.pop(), sent, at)
                sent += 1
            if len(self._idle) == len(self._connections) and (sent >= limit or now >= until):
                break
            wait = began + sent / plan.rate - now if plan.rate and sent < limit and self._idle else 1.0
            for descriptor, _ in self._poll.poll(max(wait, 0)):
                last = self._receive(self._connections[descriptor], last)
        busy = (time.process_time() - cpu) / (last - began)
        return Seen(last - began, dict(self._statuses), self._latencies, round(busy, 3))

    def _send(self, connection: _Connection, number: int, at: float) -> None:
        connection.asked_at = at
        connection.socket.sendall(self._requests.number(number))

    def _receive(self, connection: _Connection, last: float) -> float:
        status = connection.answered()
        if status is None:
            return last
        now = time.perf_counter()
        self._statuses[status] += 1
        self._latencies.append(round((now - connection.asked_at) * 1000, 3))
        self._idle.append(connection)
        return now


class _Requests:
    """Prepared bytes: only the number and the target are put in."""

    def __init__(self, plan: Plan) -> None:
        length = len(plan.body.replace("{number}", "0" * 16).encode())
        headers = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(length)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **plan.headers}.items())
        self._made = []
        for target in plan.targets:
            text = f"POST {plan.path.replace('{target}', target)} HTTP/1.1\r\n{lines}\r\n{plan.body}"
            before, _, after = text.encode().partition(b"{number}")
            self._made.append((before, after))
        self._first = plan.first

    def number(self, number: int) -> bytes:
        before, after = self._made[number % len(self._made)]
        return b"%b%016d%b" % (before, self._first + number, after)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_Client(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)).run()))
