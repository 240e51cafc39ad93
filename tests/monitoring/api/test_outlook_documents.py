"""Explanation, what-if, forecast and diff are as the OpenAPI document says, at the ends of the calendar as well."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked

Store = tuple[Database, Settings]
STEADY = next(one for one in people() if one.name == "steady")
HERE = f"/v1/treatments/{STEADY.treatment}"
WHY = f"/v1/obligations/{STEADY.treatment}.MON-01.e1.s1/explanation"
READINGS = {
    "/v1/treatments/{treatment}/forecast": f"{HERE}/forecast?",
    "/v1/treatments/{treatment}/diff": f"{HERE}/diff?from=2024-06-01&",
    "/v1/obligations/{obligation}/explanation": f"{WHY}?",
}


@pytest.fixture(scope="module")
def asked(cohort: Store) -> Iterator[Asked]:
    with Asked(create_app(cohort[1], ManualClock(datetime(2025, 6, 1, 11, tzinfo=UTC)))) as asking:
        yield asking


def valid(document: dict[str, Any], operation: dict[str, Any], answer: Any) -> None:
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(schema | {"components": document["components"]}).validate(answer)


@pytest.mark.parametrize("path", READINGS)
def test_answers_are_as_the_document_says(asked: Asked, path: str) -> None:
    document = asked.get("/openapi.json").json()
    operation = document["paths"][path]["get"]
    assert operation["x-coursewatch-scope"] in {"obligations:read", "audit:read"}
    valid(document, operation, asked.get(f"{READINGS[path]}on=2024-09-08").json())


def test_the_example_of_a_simulation_is_as_the_document_says_and_so_is_its_answer(asked: Asked) -> None:
    document = asked.get("/openapi.json").json()
    operation = document["paths"]["/v1/treatments/{treatment}/simulate"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    body = jsonschema.Draft202012Validator(content["schema"] | {"components": document["components"]})
    body.validate(content["example"])
    assert not body.is_valid({"facts": []})
    assert not body.is_valid({"facts": [content["example"]["facts"][0] | {"type": "Guess"}]})
    valid(document, operation, asked.post(f"{HERE}/simulate", content["example"]).json())


@pytest.mark.parametrize("on", ["1900-01-01", "9998-12-31"])
def test_the_ends_of_the_calendar_have_an_answer(asked: Asked, on: str) -> None:
    for address in READINGS.values():
        assert asked.get(f"{address}on={on}").status_code in {200, 404}
    body = {"facts": [{"type": "DeathRecorded", "occurred_on": "1900", "source": "x", "author": "y", "data": {}}]}
    assert asked.post(f"{HERE}/simulate?on={on}", body).status_code == 200
