"""deploy/asyncapi.yaml says what the code sends: the topics, every fact's schema, the headers."""

from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from services.monitoring.publisher import Snapshot
from shared.contracts.v1 import cloudevents
from shared.contracts.v1.facts import FACTS
from shared.contracts.v1.feed import FeedItem, Watermark
from tests.contracts.golden import EXAMPLES, example

FILE = Path(__file__).parents[2] / "deploy" / "asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text())
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def said(message: cloudevents.Message) -> dict[str, str]:
    return {name: value.decode() for name, value in message.headers}


def test_the_topics_are_those_of_the_contract() -> None:
    assert [channel["address"] for channel in DOCUMENT["channels"].values()] == [
        "coursewatch.course.events.v1",
        "coursewatch.monitoring.obligation-changes.v1",
        "coursewatch.monitoring.treatment-obligations.v1",
    ]
    events = DOCUMENT["channels"]["courseEvents"]
    assert events["address"] == cloudevents.TOPIC
    assert events["bindings"]["kafka"]["partitions"] == cloudevents.PARTITIONS


def test_every_fact_type_is_among_the_payloads_and_its_schema_is_there() -> None:
    refs = [choice["$ref"] for choice in MESSAGES["fact"]["payload"]["oneOf"]]
    assert {Path(ref).stem for ref in refs} == set(FACTS)
    assert all((FILE.parent / ref).is_file() for ref in refs)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_headers_of_a_fact_are_those_of_the_document(name: str) -> None:
    item = msgspec.json.decode(example(name), type=FeedItem)
    headers = said(cloudevents.fact_message(item, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    jsonschema.validate(headers, MESSAGES["fact"]["headers"])
    assert set(headers) == set(MESSAGES["fact"]["headers"]["properties"])


def test_the_headers_of_a_watermark_are_those_of_the_document() -> None:
    headers = said(cloudevents.watermark_message(Watermark(1, "2024-06-10T13:02:11.532000Z")))
    jsonschema.validate(headers, MESSAGES["watermark"]["headers"])
    assert set(headers) == set(MESSAGES["watermark"]["headers"]["properties"])


def test_a_snapshot_has_the_fields_of_the_document() -> None:
    payload = MESSAGES["snapshot"]["payload"]
    fields = {field.encode_name for field in msgspec.structs.fields(Snapshot)}
    assert fields == set(payload["required"]) == set(payload["properties"])
