"""Every rule of a protocol over HTTP: docs/contract.md §3.18."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from tests.monitoring.api.serving import Asked
from tests.scenario import EDITION

ADDRESS = "/v1/protocols/alemtuzumab-ms/rules"


@pytest.fixture(scope="module", params=["us", "seed"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Asked]]:
    folder: Path = tmp_path_factory.mktemp("rules")
    store = f"sqlite:///{folder / 'monitoring.sqlite'}"
    settings = Settings(store, "http://127.0.0.1:9", clock="manual", embedded=True, profile=request.param)
    with Asked(create_app(settings, ManualClock(datetime(2025, 6, 1, tzinfo=UTC)))) as asked:
        yield request.param, asked


def test_the_rules_stand_in_chapters_with_what_is_on_in_the_profile_in_force(served: tuple[str, Asked]) -> None:
    profile, asked = served
    said = asked.get(ADDRESS).json()
    assert (said["protocol"], said["edition"], said["profile"]) == ("alemtuzumab-ms", EDITION.name, profile)
    assert said["edition_sha256"] == EDITION.sha256
    rules = [rule for chapter in said["chapters"] for rule in chapter["rules"]]
    assert all(rule["on"] == (profile in rule["profiles"]) for rule in rules)
    form = next(rule for rule in rules if rule["id"] == "MON-10")
    assert (form["on"], form["basis"], form["cadence_basis"]) == (profile == "us", "rems", "unconfirmed")


def test_the_answer_is_as_the_document_says_and_has_an_etag(served: tuple[str, Asked]) -> None:
    asked = served[1]
    document: dict[str, Any] = asked.get("/openapi.json").json()
    operation = document["paths"]["/v1/protocols/{protocol}/rules"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    first = asked.get(ADDRESS)
    jsonschema.Draft202012Validator(schema | {"components": document["components"]}).validate(first.json())
    again = asked.get(ADDRESS, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_protocol_or_parameter_is_refused(served: tuple[str, Asked]) -> None:
    asked = served[1]
    unknown = asked.get("/v1/protocols/nothing/rules")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert asked.get(f"{ADDRESS}?chapter=MON").status_code == 422
