"""When something posted is seen at the other end: at a steady rate, each post beside the instant of its arrival."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from tests.benchmarks.samples import RESULTS

PATIENCE = 30.0  # seconds that the last one may take


class Arrivals:
    """Instants (perf_counter) by what arrived, written by a listening thread."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._news = threading.Condition()

    def note(self, name: str) -> None:
        now = time.perf_counter()
        with self._news:
            self._at.setdefault(name, now)
            self._news.notify()

    def after(self, sent: Sequence[tuple[str, float]]) -> list[float]:
        """Milliseconds from each instant to the arrival; raises RuntimeError where one does not arrive."""
        names = {name for name, _ in sent}
        with self._news:
            if not self._news.wait_for(lambda: names <= self._at.keys(), PATIENCE):
                raise RuntimeError(f"{len(names - self._at.keys())} of {len(names)} did not arrive.")
            return [(self._at[name] - at) * 1000 for name, at in sent]


def steadily(work: Callable[[int], tuple[str, float]], first: int, number: int, rate: float) -> list[tuple[str, float]]:
    """Calls `work` with a number, `rate` times a second; what it sent, and when that was acknowledged."""
    began = time.perf_counter()
    sent = []
    for step in range(number):
        time.sleep(max(0.0, began + step / rate - time.perf_counter()))
        sent.append(work(first + step))
    return sent


class Stream:
    """A listener of the announcements; what arrives is known by the fact that caused it."""

    def __init__(self, port: int) -> None:
        self.arrivals = Arrivals()
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._connection.request("GET", "/v1/obligations/stream?kind=satisfied")
        self._answer = self._connection.getresponse()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> "Stream":
        while not self._answer.readline().startswith(b"event: hello"):
            pass
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection.sock is not None:
            self._connection.sock.close()

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            for line in self._answer:
                if line.startswith(b"data: ") and b'"caused_by":"' in line:
                    self.arrivals.note(json.loads(line[6:])["caused_by"])


class Poster:
    """Blood counts over one connection, each in the window of a slot that nothing has filled yet."""

    def __init__(self, port: int, targets: Sequence[str], days: Sequence[str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._slots = [(target, day) for day in days for target in targets]

    def post(self, number: int) -> tuple[str, float]:
        """The fact's id, and when the answer was there."""
        target, day = self._slots[number]
        results = [{"code": code, "value": value, "unit": unit, "status": "final"} for code, value, unit in RESULTS]
        fact = {
            "type": "LabResultRecorded",
            "message_id": f"lab-{number}",
            "occurred_at": f"{day}T08:15:00+01:00",
            "source": "urn:hospital:lis",
            "author": "analyzer-3",
            "data": {"specimen_id": f"S-{number}", "results": results},
        }
        kind = {"Content-Type": "application/json"}
        self._connection.request("POST", f"/v1/treatments/{target}/events", json.dumps(fact), kind)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"A post was answered {answer.status}.")
        return str(json.loads(body)["fact_id"]), time.perf_counter()

    def close(self) -> None:
        self._connection.close()


class RoundTrip:
    """A producer and a consumer of one topic of the same broker, with as many bytes as a fact has."""

    TOPIC = "bench-round-trip"

    def __init__(self, bootstrap: str, size: int) -> None:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics([NewTopic(name=self.TOPIC, num_partitions=1, replication_factor=1)])
        admin.close()
        self.arrivals = Arrivals()
        self._filling = b"x" * size
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
        self._consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        self._consumer.assign([TopicPartition(self.TOPIC, 0)])
        self._consumer.seek_to_end()
        self._consumer.position(TopicPartition(self.TOPIC, 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def send(self, number: int) -> tuple[str, float]:
        """Its key, and when it was given to the producer."""
        name = f"message-{number}"
        at = time.perf_counter()
        self._producer.send(self.TOPIC, self._filling, name.encode())
        return name, at

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        self._consumer.close()
        self._producer.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            for records in self._consumer.poll(timeout_ms=200).values():
                for record in records:
                    self.arrivals.note(record.key.decode())
