"""A fact on Kafka has the key, the value and the headers of docs/contract.md §2."""

import json

import msgspec

from shared.contracts.v1.cloudevents import fact_message, watermark_message
from shared.contracts.v1.feed import FeedItem, Watermark
from tests.contracts.golden import example

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def item(name: str) -> FeedItem:
    return msgspec.json.decode(example(name), type=FeedItem)


def test_the_headers_are_those_of_the_contract() -> None:
    fact = item("LabResultRecorded")
    message = fact_message(fact, TRACE)
    assert {name: value.decode() for name, value in message.headers} == {
        "ce_specversion": "1.0",
        "ce_id": fact.fact_id,
        "ce_type": "org.coursewatch.course.LabResultRecorded.v1",
        "ce_source": "/course",
        "ce_subject": fact.treatment,
        "ce_time": fact.recorded_at,
        "ce_partitionkey": fact.treatment,
        "ce_sequence": str(fact.version),
        "ce_position": str(fact.position),
        "ce_dataschema": "/schemas/v1/LabResultRecorded.json",
        "content-type": "application/json",
        "traceparent": TRACE,
    }


def test_without_a_trace_there_is_no_traceparent() -> None:
    assert "traceparent" not in dict(fact_message(item("DeathRecorded")).headers)


def test_the_key_is_the_treatment_in_36_ascii_bytes() -> None:
    fact = item("DeathRecorded")
    key = fact_message(fact).key
    assert key == fact.treatment.encode("ascii")
    assert len(key) == 36


def test_the_value_is_canonical_json_of_the_item_without_free_text() -> None:
    name = "InfusionStopped"
    expected = json.loads(example(name))
    assert expected["data"].pop("reason")
    canonical = json.dumps(expected, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert fact_message(item(name)).value.decode() == canonical


def test_a_watermark_has_no_key_and_says_how_far_the_log_is_recorded() -> None:
    message = watermark_message(Watermark(position=412, recorded_through="2024-06-10T13:02:11.532000Z"))
    assert message.key is None
    assert message.value == b'{"position":412,"recorded_through":"2024-06-10T13:02:11.532000Z"}'
    assert dict(message.headers)["ce_type"] == b"org.coursewatch.course.watermark.v1"
