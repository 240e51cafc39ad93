"""The wire's schemas are what the structs say, and the golden examples are what both services read and write."""

import json
from dataclasses import replace

import jsonschema
import msgspec
import pytest

from services.monitoring.facts import to_fact
from services.monitoring.rules.facts import Fact
from shared.contracts.v1.cloudevents import value_of
from shared.contracts.v1.facts import FACTS, FREE_TEXT
from shared.contracts.v1.feed import FeedItem
from shared.contracts.v1.schema import schemas, written
from tests.contracts.golden import EXAMPLES, V1, example, schema


def validate(value: bytes) -> None:
    item = json.loads(value)
    jsonschema.Draft202012Validator(schema(item["type"])).validate(item)


def test_the_committed_schemas_are_those_of_the_structs() -> None:
    made = {f"{name}.json": written(said) for name, said in schemas()}
    committed = {path.name: path.read_text() for path in (V1 / "schemas").glob("*.json")}
    assert committed == made, "run python -m shared.contracts.v1 and look at what changed"


def test_every_fact_type_has_an_example() -> None:
    assert {name.split(".")[0] for name in EXAMPLES} == set(FACTS)


def test_the_schemas_are_valid_json_schemas() -> None:
    for name, _ in schemas():
        jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_and_its_kafka_value_are_valid(name: str) -> None:
    whole = example(name)
    validate(whole)
    validate(value_of(msgspec.json.decode(whole, type=FeedItem)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_comes_back_from_its_structs_as_it_was(name: str) -> None:
    whole = example(name)
    item = msgspec.json.decode(whole, type=FeedItem)
    data = msgspec.json.decode(item.data, type=FACTS[item.type])
    again = msgspec.structs.replace(item, data=msgspec.Raw(msgspec.json.encode(data)))
    assert msgspec.json.encode(again).decode() == whole.decode()


def test_a_wrong_example_is_refused() -> None:
    for wrong in ({"dose_mg": "12"}, {"dose_mg": -1}, {"dose_mg": True}, {}):
        item = json.loads(example("InfusionAdministered")) | {"data": wrong}
        with pytest.raises(jsonschema.ValidationError):
            validate(json.dumps(item).encode())


def test_readers_ignore_fields_they_do_not_know() -> None:
    item = json.loads(example("InfusionAdministered"))
    item["new"] = item["data"]["new"] = 1
    validate(json.dumps(item).encode())
    read = msgspec.json.decode(json.dumps(item), type=FeedItem)
    assert msgspec.json.decode(read.data, type=FACTS["InfusionAdministered"]).dose_mg == 12


def test_free_text_is_in_examples_and_not_in_their_kafka_values() -> None:
    with_text = [name for name in EXAMPLES if FREE_TEXT & set(json.loads(example(name))["data"])]
    assert len(with_text) >= 8
    for name in EXAMPLES:
        value = json.loads(value_of(msgspec.json.decode(example(name), type=FeedItem)))
        assert not FREE_TEXT & set(value["data"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_monitoring_service_reads_an_example_alike_from_the_feed_and_from_kafka(name: str) -> None:
    whole = msgspec.json.decode(example(name), type=FeedItem)
    by_feed, by_kafka = to_fact(whole), to_fact(msgspec.json.decode(value_of(whole), type=FeedItem))
    assert isinstance(by_feed, Fact)
    assert isinstance(by_kafka, Fact)
    assert without_text(by_feed) == without_text(by_kafka)


def without_text(fact: Fact) -> Fact:
    named = FREE_TEXT & {field.name for field in msgspec.structs.fields(fact.data)}
    return replace(fact, data=msgspec.structs.replace(fact.data, **dict.fromkeys(named)))
