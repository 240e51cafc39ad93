"""Posting one fact: stored once, replayed, in conflict, quarantined, refused (docs/contract.md §1.2)."""

import gzip
import json

import httpx
import pytest

from shared.telemetry import parse_traceparent
from tests.course.api.course import UNKNOWN, Course, fact

DAY = "2024-05-16T10:00:01-04:00"  # more than 24 hours after the course's start


def test_a_fact_is_answered_201_with_its_place_in_the_log(course: Course) -> None:
    treatment = course.open()
    answer = course.record(treatment, fact())
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/treatments/{treatment}/events/2"
    said = answer.json()
    assert said == {
        "fact_id": said["fact_id"],
        "treatment": treatment,
        "version": 2,
        "position": 2,
        "recorded_at": "2024-05-14T14:00:00.000001Z",
        "receipt": None,
    }
    assert course.get(answer.headers["location"]).json()["fact_id"] == said["fact_id"]


def replayed(first: httpx.Response, again: httpx.Response) -> bool:
    return (again.status_code, again.content) == (200, first.content) and again.headers["idempotent-replayed"] == "true"


def test_the_same_message_again_gets_the_same_answer(course: Course) -> None:
    treatment = course.open()
    for posted in (
        fact(message_id="m1"),
        fact(data={"dose_mg": 11}, business_id={"system": "s", "value": "v", "version": 1}),
        fact(data={"dose_mg": 10}),
    ):
        first = course.record(treatment, posted)
        assert first.status_code == 201
        assert "idempotent-replayed" not in first.headers
        assert replayed(first, course.record(treatment, posted))


def test_spacing_and_the_place_of_the_key_are_no_difference(course: Course) -> None:
    treatment = course.open()
    first = course.record(treatment, fact(message_id="m1"))
    spaced = (
        b'{ "type" : "InfusionAdministered","author":"tester",\n "source":"urn:test", "data":{"dose_mg" : 12},'
        b'"occurred_at":"2024-05-14T10:00:00-04:00"}'
    )
    again = course.request(
        "POST",
        f"/v1/treatments/{treatment}/events",
        content=spaced,
        headers={"content-type": "application/json; charset=UTF-8", "idempotency-key": "m1"},
    )
    assert replayed(first, again)
    assert course.head() == 2


def test_the_same_key_with_other_content_is_a_recorded_conflict(course: Course) -> None:
    treatment = course.open()
    first = course.record(treatment, fact(message_id="m1"))
    other = course.record(treatment, fact(data={"dose_mg": 13}, message_id="m1"))
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    said = other.json()
    assert said["type"] == "urn:coursewatch:problem:idempotency-conflict"
    assert said["fact_id"] == first.json()["fact_id"]
    assert said["conflict_id"]
    assert course.head() == 2


def test_another_sender_may_use_the_same_key(course: Course) -> None:
    treatment = course.open()
    course.record(treatment, fact(message_id="m1"))
    assert course.record(treatment, fact(message_id="m1"), Coursewatch_Sender="lab").status_code == 201


def test_two_senders_in_one_request_are_refused(course: Course) -> None:
    headers = [("Coursewatch-Sender", "lab"), ("Coursewatch-Sender", "ward")]
    answer = course.request("POST", f"/v1/treatments/{course.open()}/events", json=fact(), headers=headers)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/header/Coursewatch-Sender"]


def test_a_fact_for_a_treatment_nobody_opened_is_quarantined(course: Course) -> None:
    first = course.record(UNKNOWN, fact(message_id="m1"))
    assert first.status_code == 202
    assert first.json() == {
        "quarantine_id": first.json()["quarantine_id"],
        "reason": "unknown-treatment",
        "detail": first.json()["detail"],
    }
    again = course.record(UNKNOWN, fact(message_id="m1"))
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert course.head() == 0


@pytest.mark.parametrize("when", [{"occurred_at": DAY}, {"occurred_on": "2024-06"}, {"occurred_on": "2025"}])
def test_a_fact_of_the_future_is_quarantined_and_driven_when_its_time_has_come(
    course: Course, when: dict[str, str]
) -> None:
    treatment = course.open()
    posted = {name: value for name, value in fact(message_id="m1").items() if name != "occurred_at"} | when
    first = course.record(treatment, posted)
    assert (first.status_code, first.json()["reason"]) == (202, "in-the-future")
    course.at("2025-01-01T14:00:00Z")
    driven = course.post(f"/v1/quarantine/{first.json()['quarantine_id']}/redrive", {})
    assert driven.status_code == 201
    later = course.record(treatment, posted)
    assert (later.status_code, later.json()) == (200, driven.json())


def test_up_to_24_hours_ahead_is_not_the_future(course: Course) -> None:
    treatment = course.open()
    assert course.record(treatment, fact(occurred_at="2024-05-15T10:00:00-04:00")).status_code == 201


def test_what_breaks_a_clinical_rule_or_names_an_unknown_code_is_stored(course: Course) -> None:
    treatment = course.open()
    results = [{"code": "nonsense", "value": "pink", "unit": "furlongs", "status": "final"}]
    for posted in (
        fact(data={"dose_mg": 5000}),
        fact("DeathRecorded", {}, occurred_on="2001"),
        fact("LabResultRecorded", {"specimen_id": "S", "results": results}),
    ):
        assert course.record(treatment, posted).status_code == 201


@pytest.mark.parametrize(
    "path, headers, pointer",
    [
        ("/v1/treatments/seventeen/events", {}, "/path/treatment"),
        (f"/v1/treatments/{UNKNOWN}/events", {"Idempotency_Key": "other"}, "/header/Idempotency-Key"),
        (f"/v1/treatments/{UNKNOWN}/events", {"Coursewatch_Sender": "A B"}, "/header/Coursewatch-Sender"),
        (f"/v1/treatments/{UNKNOWN}/events?dry_run=1", {}, "/query/dry_run"),
    ],
)
def test_a_wrong_path_header_or_query_is_named(
    course: Course, path: str, headers: dict[str, str], pointer: str
) -> None:
    before = course.rows()
    answer = course.post(path, fact(message_id="m1"), **headers)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert course.rows() == before


def test_the_problem_says_how_many_fields_are_wrong_and_what_to_do(course: Course) -> None:
    answer = course.record(course.open(), fact(data={"dose_mg": True}, zone="Mars/Base"))
    said = answer.json()
    assert said == {
        "type": "urn:coursewatch:problem:invalid-fact",
        "title": "The fact was not stored",
        "status": 422,
        "detail": "2 fields are wrong. Mend them and send again; the same message_id may be used.",
        "errors": [
            {"pointer": "/zone", "message": "must be an IANA time zone like America/New_York"},
            {"pointer": "/data/dose_mg", "message": "must be a number, not a boolean"},
        ],
        "request_id": answer.headers["coursewatch-request-id"],
    }
    assert "Mars" not in answer.text


def test_a_well_formed_trace_is_kept_for_kafka_and_a_new_one_is_made_for_a_broken_one(course: Course) -> None:
    treatment = course.open()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert course.record(treatment, fact(), traceparent=trace).status_code == 201
    assert course.record(treatment, fact(message_id="2"), traceparent="broken").status_code == 201
    course.many([fact(message_id="3", treatment=treatment)])
    entries = course.run(course.app.state.ledger.log(1, 10))
    first, made, none = [entry.traceparent for entry in entries]
    assert (first, none) == (trace, None)
    assert parse_traceparent(made) not in {None, trace}


@pytest.mark.parametrize(
    "media_type, status",
    [
        ("application/json", 201),
        ("Application/JSON; charset=UTF-8", 201),
        ('application/json; charset="utf-8"; profile=x', 201),
        ("application/json; charset=utf-16", 415),
        ("application/x-ndjson", 415),
        ("application/fhir+json", 415),
        ("", 415),
    ],
)
def test_a_body_must_say_that_it_is_json(course: Course, media_type: str, status: int) -> None:
    path = f"/v1/treatments/{course.open()}/events"
    content = json.dumps(fact()).encode()
    assert course.request("POST", path, content=content, headers={"content-type": media_type}).status_code == status


def test_a_compressed_body_is_refused(course: Course) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    path = f"/v1/treatments/{course.open()}/events"
    answer = course.request("POST", path, content=gzip.compress(json.dumps(fact()).encode()), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:coursewatch:problem:unsupported-media-type")
