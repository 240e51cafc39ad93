"""A trace goes along from the request to the announcement, over either transport, and a broken one harms nothing."""

import json
import re
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition

from shared.contracts.v1.cloudevents import PARTITIONS
from tests.end_to_end.layouts import Broker, River
from tests.monitoring.api.serving import listening, until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
WELL_FORMED = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
BROKEN = "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"


def open_treatment(river: River, value: str) -> str:
    body = {"identifier": {"system": "urn:example:mrn", "value": value}, "zone": "Europe/Berlin"}
    return str(httpx.post(f"{river.course_url}/v1/treatments", json=body).json()["treatment"])


def infuse(river: River, treatment: str, **headers: str) -> dict[str, Any]:
    body = {
        "type": "InfusionAdministered",
        "occurred_at": "2024-05-14T10:00:00+02:00",
        "source": "urn:example:ward",
        "author": "nurse-7",
        "data": {"dose_mg": 12},
    }
    answer = httpx.post(f"{river.course_url}/v1/treatments/{treatment}/events", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def follows_a_trace(river: River) -> str:
    """Posts with a good and with a broken trace and hears both; returns the new one made for the broken."""
    river.set_clock("2024-05-14T14:00:00Z")
    first_patient, second_patient = open_treatment(river, "1"), open_treatment(river, "2")
    start = httpx.get(f"{river.monitoring_url}/v1/obligations").json()["clocks"]["stream_position"]
    with listening(river.monitoring_url, f"?last_event_id={start}&requirement=MON-01") as heard:
        assert heard.event()["event"] == "hello"
        first = infuse(river, first_patient, traceparent=TRACE)
        told = json.loads(heard.event("heartbeat")["data"])
        assert (told["caused_by"], told["traceparent"]) == (first["fact_id"], TRACE)
        second = infuse(river, second_patient, traceparent=BROKEN)
        while (told := json.loads(heard.event("heartbeat")["data"]))["caused_by"] != second["fact_id"]:
            pass
    made = str(told["traceparent"])
    assert WELL_FORMED.fullmatch(made)
    assert made.split("-")[1] not in {TRACE.split("-")[1], BROKEN.split("-")[1].lower()}
    items = httpx.get(f"{river.course_url}/v1/audit/events").json()["events"]
    assert [item.get("traceparent") for item in items] == [None, None, TRACE, made]
    return made


def test_a_trace_reaches_the_stream_through_the_feed(river: River) -> None:
    follows_a_trace(river)


@pytest.mark.slow
def test_a_trace_reaches_the_stream_and_both_topics_through_kafka(kafka_river: Broker) -> None:
    made = follows_a_trace(kafka_river)
    for topic in ("coursewatch.course.events.v1", "coursewatch.monitoring.obligation-changes.v1"):
        consumer = KafkaConsumer(bootstrap_servers=kafka_river.bootstrap, group_id=None, auto_offset_reset="earliest")
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        seen: set[bytes] = set()

        def both_came(consumer: Any = consumer, seen: set[bytes] = seen) -> bool:
            for records in consumer.poll(timeout_ms=200).values():
                seen.update(dict(record.headers).get("traceparent", b"") for record in records)
            return {TRACE.encode(), made.encode()} <= seen

        until(both_came, 20)
        consumer.close()
