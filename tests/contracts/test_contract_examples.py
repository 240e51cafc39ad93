"""docs/contract.md's own examples, sent to the running course service and compared with what both services say."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from services.monitoring.reading.cohort import CohortPage
from services.monitoring.reading.difference import BeliefDiff
from services.monitoring.reading.editions import EditionList
from services.monitoring.reading.explanation import ObligationExplanation
from services.monitoring.reading.forecast import ForecastAnswer
from services.monitoring.reading.hypothetical import read_posted
from services.monitoring.reading.infusions import DeviationList, HoldList, PeriodList, ReadinessView
from services.monitoring.reading.simulation import Simulation
from services.monitoring.reading.slots import SlotList
from services.monitoring.reading.treatment import TreatmentView
from services.monitoring.rulebook.entry import Rulebook
from shared.contracts.v1.announcements import Announcement
from shared.contracts.v1.cloudevents import fact_message, watermark_message
from shared.contracts.v1.facts import FACTS
from shared.contracts.v1.feed import FeedItem, FeedPage, Watermark
from tests.contracts.contract_text import blocks, example, plain
from tests.contracts.golden import schema
from tests.course.api.course import Course


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    course = Course(tmp_path)
    course.at("2024-06-10T13:02:11.532Z")
    yield course
    course.close()


def shape(value: Any) -> Any:
    """Names and kinds, less the values: what two answers to different treatments have in common."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def opened(course: Course) -> str:
    return course.open(**example("1.1"))


def test_every_example_of_the_contract_is_known_here() -> None:
    known = {"0": 1, "1.1": 2, "1.2": 2, "1.3": 1, "1.6": 1, "2": 1, "3.1": 1, "3.2": 1, "3.3": 1, "3.4": 1, "3.6": 1}
    known |= {"3.9": 1, "3.10": 1, "3.11": 1}
    known |= {"3.12": 1, "3.13": 1, "3.14": 2, "3.15": 1, "3.16": 1, "3.17": 1, "3.18": 1}
    assert Counter(section for section, _, _ in blocks()) == known, "an example more or less: test it"


def test_opening_a_treatment(course: Course) -> None:
    answer = course.post("/v1/treatments", example("1.1"))
    assert answer.status_code == 201
    assert shape(answer.json()) == shape(example("1.1", 1))
    assert answer.json()["version"] == answer.json()["position"] == 1


def test_posting_a_fact(course: Course) -> None:
    answer = course.record(opened(course), example("1.2"))
    assert answer.status_code == 201
    assert shape(answer.json()) == shape(example("1.2", 1))


def test_the_problem_of_a_wrong_field(course: Course) -> None:
    wrong = example("1.2")
    wrong["data"]["results"][0]["value"] = True
    said = course.record(opened(course), wrong).json()
    expected = example("0")
    assert said == expected | {"request_id": said["request_id"]}


def test_many_facts_at_once(course: Course) -> None:
    fact = example("1.2") | {"treatment": opened(course)}
    naive = fact | {"message_id": "other", "occurred_at": "2024-06-10T08:15:00"}
    said = course.many([fact, fact, naive]).json()
    expected = example("1.3")
    for result, wanted in zip(said["results"], expected["results"], strict=True):
        problem = result.get("problem", {})
        problem.pop("detail", None)  # the contract leaves this sentence open
        assert shape(result) == shape(wanted)
    assert said["results"][2] == expected["results"][2]
    assert said["counts"] == expected["counts"]


def test_a_page_of_the_feed(course: Course) -> None:
    posted = example("1.2")
    posted["data"]["results"] = posted["data"]["results"][:1]
    course.record(opened(course), posted)
    page = course.get("/v1/audit/events", after=1).json()
    expected = example("1.6")
    assert shape(page) == shape(expected)
    moved = {"position", "fact_id", "treatment", "version", "recorded_at"}
    (event,), (wanted,) = page["events"], expected["events"]
    assert {name: event[name] for name in event if name not in moved} == {
        name: wanted[name] for name in wanted if name not in moved
    }


def test_a_page_of_the_feed_is_read_and_valid() -> None:
    text = json.dumps(example("1.6"))
    (item,) = msgspec.json.decode(text, type=FeedPage).events
    assert msgspec.json.decode(item.data, type=FACTS[item.type])
    jsonschema.Draft202012Validator(schema(item.type)).validate(example("1.6")["events"][0])


def test_the_headers_on_kafka() -> None:
    item = msgspec.convert(example("1.6")["events"][0] | {"data": msgspec.Raw(b"{}")}, FeedItem)
    said = {
        name: value.decode()
        for name, value in fact_message(item, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").headers
    }
    words = plain("2").split()
    places = {"<fact_id>": item.fact_id, "<treatment>": item.treatment, "<recorded_at>": item.recorded_at}
    for name, value in zip(words[::2], words[1::2], strict=True):
        if name == "traceparent":
            assert name in said
        else:
            assert said[name] == places.get(value, value)
    assert set(words[::2]) == set(said)


def test_the_watermark_on_kafka() -> None:
    value = json.loads(watermark_message(Watermark(412, "2024-06-10T13:02:11.532000Z")).value)
    assert value == {"position": 412, "recorded_through": "2024-06-10T13:02:11.532000Z"}


def test_an_announcement_of_the_stream() -> None:
    lines = plain("3.6").splitlines()
    announced = [line.removeprefix("data: ") for line in lines if line.startswith('data: {"announcement_id"')]
    (said,) = [json.loads(line) for line in announced]
    jsonschema.Draft202012Validator(schema("Announcement")).validate(said)
    assert msgspec.to_builtins(msgspec.convert(said, Announcement)) == said


ANSWERS = [
    ("3.2", CohortPage),
    ("3.3", TreatmentView),
    ("3.4", SlotList),
    ("3.9", DeviationList),
    ("3.10", HoldList),
    ("3.11", ReadinessView),
    ("3.12", PeriodList),
    ("3.13", ObligationExplanation),
    ("3.15", ForecastAnswer),
    ("3.16", BeliefDiff),
    ("3.17", EditionList),
]


@pytest.mark.parametrize("section, answer", ANSWERS)
def test_an_answer_of_the_monitoring_service_has_exactly_the_fields_of_its_example(section: str, answer: type) -> None:
    said = example(section) | {"clocks": example("3.1")["clocks"]}
    again = msgspec.to_builtins(msgspec.convert(said, answer), builtin_types=())
    assert json.loads(json.dumps(again)) == said


def test_the_example_of_the_rules_has_exactly_the_fields_of_the_answer() -> None:
    said = example("3.18")
    assert json.loads(msgspec.json.encode(msgspec.convert(said, Rulebook))) == said


def test_the_example_of_a_simulation_is_read_and_its_answer_has_exactly_those_fields() -> None:
    asked, said = example("3.14"), example("3.14", 1) | {"clocks": example("3.1")["clocks"]}
    (fact,) = read_posted(json.dumps(asked).encode())
    assert fact.body.type == said["facts"][0]["type"]
    again = msgspec.to_builtins(msgspec.convert(said, Simulation), builtin_types=())
    assert json.loads(json.dumps(again)) == said
