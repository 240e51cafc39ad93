"""Two course services on one PostgreSQL tell every client the same, also those whose reply was lost."""

import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end.processes import Process
from tests.real_parts.machine import free_port

CLIENTS = 32
OPENING = {"identifier": {"system": "urn:test:mrn", "value": "the same patient"}, "zone": "America/New_York"}
FACT = {
    "type": "InfusionAdministered",
    "message_id": "the-same-message",
    "occurred_at": "2024-05-15T10:00:00-04:00",
    "source": "urn:test:ward",
    "author": "pump-1",
    "data": {"dose_mg": 12},
}


@pytest.fixture
def two_services(tmp_path: Path, postgres_url: str) -> Iterator[list[str]]:
    processes, urls = [], []
    try:
        for number in range(2):
            port = free_port()
            env = {
                "COURSEWATCH_COURSE_DB": postgres_url,
                "COURSEWATCH_COURSE_PORT": str(port),
                "COURSEWATCH_DATA": str(tmp_path),
            }
            processes.append(Process("course api", env, tmp_path / f"{number}.log"))
            urls.append(f"http://127.0.0.1:{port}")
        for process, url in zip(processes, urls, strict=True):
            process.wait_until_ready(url)
        yield urls
    finally:
        for process in processes:
            process.kill()


def test_one_fact_one_treatment_one_answer_and_no_gap(two_services: list[str]) -> None:
    answers = all_at_once(lambda number: visit(two_services[number % 2], random.Random(number), number))

    assert len({answer["treatment"] for answer in answers}) == 1
    assert len({json.dumps(answer["opened"], sort_keys=True) for answer in answers}) == 1
    assert len({json.dumps(answer["fact"], sort_keys=True) for answer in answers}) == 1
    events = httpx.get(f"{two_services[0]}/v1/audit/events", params={"limit": 1000}).json()["events"]
    assert [event["position"] for event in events] == list(range(1, CLIENTS + 3))
    assert [event["version"] for event in events] == list(range(1, CLIENTS + 3))
    assert sorted({event["recorded_at"] for event in events}) == [event["recorded_at"] for event in events]
    kinds = [event["type"] for event in events]
    assert (kinds.count("TreatmentOpened"), kinds.count("InfusionAdministered")) == (1, 1)


def all_at_once(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(work, range(CLIENTS)))


def visit(url: str, chance: random.Random, number: int) -> dict[str, Any]:
    """Opens the patient, posts the shared fact and one of its own; every third client is cut off and asks again."""
    with httpx.Client(base_url=url, timeout=30) as client:
        if number % 3 == 0:
            cut_off(url, "/v1/treatments", OPENING, chance)
        opened = client.post("/v1/treatments", json=OPENING)
        assert opened.status_code in {200, 201}
        path = f"/v1/treatments/{opened.json()['treatment']}/events"
        if number % 3 == 0:
            cut_off(url, path, FACT, chance)
        fact = client.post(path, json=FACT)
        assert fact.status_code in {200, 201}
        own = {**FACT, "type": "ExamPerformed", "message_id": f"own-{number}", "data": {"exam": "skin"}}
        assert client.post(path, json=own).status_code == 201
        return {"treatment": opened.json()["treatment"], "opened": opened.json(), "fact": fact.json()}


def cut_off(url: str, path: str, body: dict[str, Any], chance: random.Random) -> None:
    """Sends a request and is gone before the answer: sometimes before the commit, sometimes after it."""
    content = json.dumps(body).encode()
    host = urlsplit(url)
    with socket.create_connection((host.hostname, host.port)) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: application/json\r\n"
        line.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        time.sleep(chance.choice((0, 0.002, 0.01, 0.03)))
