"""Sends poison into the topic while facts flow, and remembers where each record lies."""

import json
import random
import threading
import urllib.request
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer

from tests.chaos.kafka.poisons import KINDS, Poison, mixture

TOPIC = "coursewatch.course.events.v1"


@dataclass(frozen=True, slots=True)
class Sent:
    poison: Poison
    partition: int
    offset: int


class Injector:
    """A thread that sends `number` records, spread by `pause` seconds."""

    def __init__(self, bootstrap: str, course_url: str, number: int, pause: float, seed: int) -> None:
        self._draw = random.Random(seed)
        self._course_url = course_url
        self._pause = pause
        self._kinds = mixture(number, self._draw)
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", max_request_size=20_000_000, reconnect_backoff_max_ms=500
        )
        self.sent: list[Sent] = []
        self.treatments: set[str] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()
        self._producer.close()

    @property
    def kinds(self) -> int:
        return len({one.poison.kind for one in self.sent})

    def _run(self) -> None:
        wait = threading.Event()
        for number, name in enumerate(self._kinds):
            if number % 20 == 0:
                material = self._material()
            poison = KINDS[name](self._draw.choice(material), self._draw)
            if poison.ends == "parked":
                self.treatments.add(str(poison.key, "ascii"))
            # A record without a key goes anywhere.
            partition = None if poison.key is not None else self._draw.randrange(12)
            told = self._producer.send(
                TOPIC, key=poison.key, value=poison.value, headers=poison.headers, partition=partition
            ).get(timeout=30)
            self.sent.append(Sent(poison, told.partition, told.offset))
            wait.wait(self._pause)

    def _material(self) -> list[dict[str, Any]]:
        """Facts of the log, not its newest: they have been projected."""
        head = self._page(0, 1)["head"]
        items = self._page(max(0, head - 2000), 1000)["events"]
        return [item for item in items if item["version"] > 1 and item["position"] < max(2, head - 100)] or items

    def _page(self, after: int, limit: int) -> Any:
        address = f"{self._course_url}/v1/audit/events?after={after}&limit={limit}"
        with urllib.request.urlopen(address, timeout=30) as response:
            return json.load(response)
