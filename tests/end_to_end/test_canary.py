"""No patient is named outside the directory: everything that both services write or say is searched for canaries."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import create_engine, text
from starlette.types import ASGIApp, Receive, Scope, Send

from services.course.api.app import create_app
from services.course.settings import Settings
from shared.contracts.v1.cloudevents import PARTITIONS
from shared.telemetry import JsonLines
from tests.end_to_end.canary import ANY, Senders, canary, found
from tests.end_to_end.layouts import Broker, Embedded, River
from tests.monitoring.api.serving import served, until

TOPICS = (
    "coursewatch.course.events.v1",
    "coursewatch.monitoring.obligation-changes.v1",
    "coursewatch.monitoring.treatment-obligations.v1",
)


def send_all(river: River, *, hostile_bodies: bool = True) -> None:
    river.set_clock("2024-06-11T12:00:00Z")
    with Senders(river.course_url, river.monitoring_url) as senders:
        senders.send_all(hostile_bodies=hostile_bodies)
        assert senders.leaks == [], senders.leaks
        assert senders.accepted > 50, "too little was accepted to prove anything"
        assert senders.refused > (500 if hostile_bodies else 100), "too little was refused to prove anything"
    until(lambda: httpx.get(f"{river.monitoring_url}/readyz").status_code == 200, 30)


def said(river: River) -> dict[str, bytes]:
    """Log, metrics and readiness of every process, whatever its level."""
    places = {process.words: process.log.read_bytes() for process in river.processes}
    for url in (river.course_url, river.monitoring_url):
        for path in ("/metrics", "/readyz", "/openapi.json"):
            places[f"{url}{path}"] = httpx.get(f"{url}{path}").content
    places["announcements"] = httpx.get(f"{river.monitoring_url}/v1/operations/set-aside").content
    return places


def feed(river: River) -> bytes:
    return httpx.get(f"{river.course_url}/v1/audit/events?limit=10000", timeout=60).content


def leaks(places: dict[str, bytes], *kinds: str) -> dict[str, list[str]]:
    return {place: words for place, content in places.items() if (words := found(content, kinds))}


@pytest.mark.slow
def test_no_patient_is_named_outside_of_the_directory(river: Embedded) -> None:
    send_all(river)
    assert leaks(said(river), *ANY) == {}
    # The feed and the copy that monitoring has of it carry free text and the senders' own names, and no identity.
    recorded = {"feed": feed(river), "database": _files(river.folder, "monitoring.db")}
    assert leaks(recorded, "IDENTITY", "HOSTILE") == {}
    assert leaks(recorded, "TEXT", "SENDER").keys() == recorded.keys(), "the search finds nothing that is there"
    assert leaks({"directory": _files(river.folder, "course.db")}, "IDENTITY")


@pytest.mark.slow
def test_no_patient_and_no_free_text_is_on_kafka(kafka_river: Broker) -> None:
    send_all(kafka_river, hostile_bodies=False)
    assert leaks(said(kafka_river), *ANY) == {}
    on_kafka = {topic: _records(kafka_river.bootstrap, topic) for topic in TOPICS}
    assert all(on_kafka.values())
    assert leaks(on_kafka, "IDENTITY", "HOSTILE", "TEXT") == {}
    assert leaks({"monitoring": _rows(kafka_river.monitoring_db)}, "IDENTITY", "HOSTILE", "TEXT") == {}
    assert leaks(on_kafka, "SENDER"), "the search finds nothing that is there"


class Leaky:
    """A service that somebody gave an access log with addresses and bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def overheard() -> Any:
            message = await receive()
            logging.getLogger("access").info("%s %s", scope.get("query_string"), message.get("body"))
            return message

        await self._app(scope, overheard if scope["type"] == "http" else receive, send)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log of this process, as ours are written."""
    handler = logging.FileHandler(tmp_path / "log")
    handler.setFormatter(JsonLines("course"))
    access = logging.getLogger("access")
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    yield tmp_path / "log"
    access.removeHandler(handler)
    handler.close()


def test_a_log_that_gives_a_patient_away_is_found(tmp_path: Path, log: Path) -> None:
    """The control: the same search over a service that leaks."""
    app = create_app(Settings(f"sqlite:///{tmp_path}/course.db"))
    app.add_middleware(Leaky)
    name = canary("IDENTITY")
    with served(app) as course:
        body = {"identifier": {"system": "x", "value": name}, "zone": "Europe/Berlin"}
        assert httpx.post(f"{course}/v1/treatments", json=body).status_code == 201
    assert leaks({"log": log.read_bytes()}, *ANY) == {"log": [name]}


def _files(folder: Path, name: str) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.glob(f"{name}*")))


def _records(bootstrap: str, topic: str) -> bytes:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    try:
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        read = b""
        while any(consumer.position(one) < ends[one] for one in partitions):
            for batch in consumer.poll(timeout_ms=500).values():
                read += b"".join(repr((one.key, one.value, one.headers)).encode() for one in batch)
        return read
    finally:
        consumer.close()


def _rows(url: str) -> bytes:
    engine = create_engine(url)
    with engine.connect() as connection:
        named = "select tablename from pg_tables where schemaname = 'public'"
        queries = [text(f"select * from {table}") for table in connection.execute(text(named)).scalars().all()]
        rows = [repr(row).encode() for query in queries for row in connection.execute(query)]
    engine.dispose()
    return b"\n".join(rows)
