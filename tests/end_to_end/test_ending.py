"""SIGTERM under load: what is being answered is answered, streams end with a word, and the exit code is 0."""

import threading
import time
import uuid
from typing import Any

import httpx
import pytest

from tests.end_to_end.layouts import Broker, Embedded, River
from tests.monitoring.api.serving import Listening, until

SECONDS = 8.0  # more than the grace that open answers get


class Posting:
    """Four senders that post as fast as they are answered and note how each request ended.

    One that met a connection which was just closed, idle, was `turned_away`: nothing may have been made of it.
    """

    def __init__(self, url: str, treatment: str) -> None:
        self._url, self._treatment = url, treatment
        self.acknowledged: list[str] = []
        self.turned_away: list[dict[str, Any]] = []
        self._threads = [threading.Thread(target=self._post, daemon=True) for _ in range(4)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _post(self) -> None:
        with httpx.Client(base_url=self._url, timeout=20) as client:
            while True:
                body: dict[str, Any] = {"type": "ExamPerformed", "occurred_on": "2024-05-01", "data": {"exam": "skin"}}
                body |= {"source": "x", "author": "x", "message_id": str(uuid.uuid4())}
                try:
                    answer = client.post(f"/v1/treatments/{self._treatment}/events", json=body)
                except httpx.ConnectError:
                    return  # nobody listens any more: nothing was sent
                except httpx.TransportError:
                    self.turned_away.append(body)
                    return
                if answer.status_code != httpx.codes.CREATED:
                    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
                    return
                self.acknowledged.append(answer.json()["fact_id"])


def treatment_of(river: River) -> str:
    river.set_clock("2024-06-11T12:00:00Z")
    opening = {"identifier": {"system": "urn:example:mrn", "value": "1"}, "zone": "Europe/Berlin"}
    return str(httpx.post(f"{river.course_url}/v1/treatments", json=opening).json()["treatment"])


def test_a_service_that_ends_under_load_finishes_its_answers_and_its_streams(river: Embedded) -> None:
    treatment = treatment_of(river)
    posting = Posting(river.course_url, treatment)
    posting.start()
    waited: dict[str, Any] = {}

    def wait_at_the_end() -> None:
        head = httpx.get(f"{river.course_url}/v1/audit/events?limit=1").json()["head"]
        query = {"after": head + 1_000_000, "wait": 30}
        answer = httpx.get(f"{river.course_url}/v1/audit/events", params=query, timeout=40)
        waited["status"] = answer.status_code

    reader = threading.Thread(target=wait_at_the_end, daemon=True)
    reader.start()
    until(lambda: len(posting.acknowledged) > 50, 30)
    course, monitoring = river.processes

    with httpx.stream("GET", f"{river.monitoring_url}/v1/obligations/stream", timeout=30) as response:
        heard = Listening(response)
        assert heard.event()["event"] == "hello"
        began = time.monotonic()
        assert monitoring.stop() == 0
        assert time.monotonic() - began < SECONDS
        last = heard.frame()
        while "retry" not in last:
            last = heard.frame()
        assert (last["retry"], last[":"]) == ("1000", "this service ends; come back")
        assert heard.frame() == {}, "the stream ends as an answer does, not as a connection that broke"

    began = time.monotonic()
    assert course.stop() == 0
    assert time.monotonic() - began < SECONDS
    reader.join(10)
    posting.join()
    assert waited == {"status": 200}
    course.start()
    course.wait_until_ready(river.course_url)
    for body in posting.turned_away:
        again = httpx.post(f"{river.course_url}/v1/treatments/{treatment}/events", json=body)
        assert again.status_code == httpx.codes.CREATED, "a fact was stored and its sender was cut off"
    page = httpx.get(f"{river.course_url}/v1/audit/events?limit=10000", timeout=30).json()
    assert {one["fact_id"] for one in page["events"]} >= set(posting.acknowledged)


@pytest.mark.slow
def test_every_process_of_the_kafka_layout_ends_with_0_under_load(kafka_river: Broker) -> None:
    posting = Posting(kafka_river.course_url, treatment_of(kafka_river))
    posting.start()
    until(lambda: len(posting.acknowledged) > 50, 30)
    kafka_river.stop()
    posting.join()
