"""What every answer has: clocks, an ETag, strict parameters, an honest document. docs/contract.md §0, §3.1."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.contracts.v1.facts import TreatmentOpened
from shared.database import Database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked
from tests.scenario import EDITION, treated

Store = tuple[Database, Settings]
PEOPLE = people()
T = PEOPLE[0].treatment
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)
READINGS = (
    "/v1/obligations",
    "/v1/obligations/summary",
    f"/v1/treatments/{T}",
    f"/v1/treatments/{T}/obligations",
    f"/v1/treatments/{T}/timeline",
    f"/v1/treatments/{T}/deviations",
    f"/v1/treatments/{T}/holds",
    f"/v1/treatments/{T}/readiness",
    "/v1/audit/digest",
)


@pytest.fixture(scope="module")
def asked(cohort: Store) -> Iterator[Asked]:
    with Asked(create_app(cohort[1], ManualClock(NOW))) as asking:
        yield asking


@pytest.mark.parametrize("address", READINGS)
def test_every_answer_says_its_clocks(asked: Asked, address: str) -> None:
    last = max(fact.recorded_at for one in PEOPLE for fact in one.facts).isoformat(timespec="microseconds")
    said = asked.get(address).json()["clocks"]
    assert said | {"stream_position": "k-1"} == {
        "on": None,
        # A list of several pages is pinned to what is known; whatever else is asked is known until now.
        "known_at": said["known_through"] if address == "/v1/obligations" else "2025-06-01T11:00:00.000000Z",
        "known_through": last.replace("+00:00", "Z"),
        "edition": EDITION.name,
        "edition_sha256": EDITION.sha256,
        "profile": "us",
        "stream_position": "k-1",
    }
    assert re.fullmatch(r"k[0-9a-f]+-\d+", said["stream_position"])
    asked_for = asked.get(f"{address}?on=2024-06-10&known_at=2024-06-10T08:15:00-04:00").json()["clocks"]
    assert asked_for["on"] == "2024-06-10"
    assert asked_for["known_at"] == asked_for["known_through"] == "2024-06-10T12:15:00.000000Z"


def test_a_date_of_knowledge_has_no_one_instant_where_zones_differ(asked: Asked) -> None:
    said = asked.get("/v1/obligations?known_at=2024-06-10").json()["clocks"]
    assert said["known_at"] is None
    assert said["known_through"] == "2024-06-10T09:59:59.999999Z"  # the day ends first in Kiritimati


@pytest.mark.parametrize("address", READINGS)
def test_a_reader_who_has_it_already_gets_304_until_the_answer_changes(store: Store, address: str) -> None:
    cohort = people()[:1]
    log = Log(store[0])
    log.deliver(*cohort)
    clock = ManualClock(NOW)
    with Asked(create_app(store[1], clock)) as asked:
        first = asked.get(address)
        assert first.status_code == 200
        clock.set(datetime(2025, 6, 1, 12, tzinfo=UTC))
        same = asked.get(address, if_none_match=f'"other", {first.headers["etag"]}')
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        cohort[0].cbc("2025-05-31", known="2025-06-01")
        cohort[0].exam("skin", "2025-05-31", known="2025-06-01")
        log.deliver_facts(cohort[0].facts[-2:])
        assert asked.get(address, if_none_match=first.headers["etag"]).status_code == 200


def test_an_export_has_an_etag_and_says_its_clocks_in_headers(asked: Asked) -> None:
    first = asked.get("/v1/obligations?on=2024-06-10", accept="text/csv")
    assert first.headers["coursewatch-on"] == "2024-06-10"
    assert first.headers["coursewatch-edition"] == EDITION.name
    again = asked.get("/v1/obligations?on=2024-06-10", accept="text/csv", if_none_match=first.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("application/json, text/csv;q=0.1", "application/json"),
        ("text/csv;q=0", "application/json"),
    ],
)
def test_csv_is_sent_to_who_prefers_it(asked: Asked, accept: str, kind: str) -> None:
    assert asked.get("/v1/obligations", accept=accept).headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("address", [*READINGS, "/v1/obligations/stream"])
def test_an_unknown_parameter_is_named_and_a_value_is_never_repeated(asked: Asked, address: str) -> None:
    answer = asked.get(f"{address}?on=secret&on=secret&colour=secret&%00=secret&limit=secret&treatment=secret")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:coursewatch:problem:invalid-query")
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/query/colour", "/query/on", "/query"} <= pointers
    assert "secret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("on=10.06.2024", "must be a date like 2024-06-10"),
        ("on=2024-02-30", "must be a real calendar date"),
        ("on=1717", "must be a date like 2024-06-10"),
        ("on=0001-01-01", "must lie in the years 1900 to 9998"),
        ("known_at=2024-06-10T08:15:00", "must be an instant like"),
        ("known_at=1718000000", "must be an instant like"),
        ("known_at=2024-06-10T08:15:00+02:00", "a plus sign is written %2B"),
        ("standing=late", "must be one of not_applicable, cancelled"),
        ("requirement=MON-99", "must be one of MON-01"),
        ("treatment=42", "must be a UUID like"),
        ("min_days_overdue=-1", "must be a whole number from 0"),
        ("limit=0", "must be a whole number from 1 to 500"),
        ("limit=501", "must be a whole number from 1 to 500"),
        ("sort=name", "must be one of due_on, -due_on, site"),
        ("site=", "must not be empty"),
        ("site=%00", "without NUL"),
        ("min_version=3", "needs treatment"),
        ("due_before=tomorrow", "must be a date"),
    ],
)
def test_a_bad_value_is_a_sentence(asked: Asked, query: str, message: str) -> None:
    answer = asked.get(f"/v1/obligations?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/query/{query.partition('=')[0]}"
    assert message in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("on", ["1900-01-01", "9998-12-31"])
def test_the_ends_of_the_calendar_have_an_answer(asked: Asked, on: str) -> None:
    for address in READINGS:
        answer = asked.get(f"{address}?on={on}&known_at={on}")
        assert answer.status_code in {200, 404}, answer.text


@pytest.mark.parametrize("address", [*READINGS, "/healthz"])
def test_answers_are_as_the_document_says(asked: Asked, address: str) -> None:
    document: dict[str, Any] = asked.get("/openapi.json").json()
    path = address.replace(T, "{treatment}")
    operation = document["paths"][path]["get"]
    assert operation["x-coursewatch-scope"] in {"obligations:read", "audit:read", "operate"}
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(schema | {"components": document["components"]}).validate(asked.get(address).json())
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_a_treatment_of_a_protocol_without_an_edition_is_not_judged(store: Store) -> None:
    strange = treated(name="strange")
    opening = strange.facts[0]
    log = Log(store[0])
    data = TreatmentOpened("unheard-of", "neuro-1", "America/New_York")
    log.deliver_facts([replace(opening, data=data), *strange.facts[1:]])
    with Asked(create_app(store[1], ManualClock(NOW))) as asked:
        answer = asked.get(f"/v1/treatments/{strange.treatment}")
        assert (answer.status_code, "no edition" in answer.json()["detail"]) == (404, True)
        assert asked.get("/v1/obligations").json()["total"] == 0
        assert asked.get("/v1/audit/digest").json()["treatments"] == 1
