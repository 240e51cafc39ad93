"""Health, readiness, metrics, the document, the clock, and what every answer carries (docs/contract.md §0, §4)."""

import logging
from pathlib import Path

import pytest

from services.course.application import Ledger, StoreUnavailable
from tests.course.api.course import UNKNOWN, Course, fact


def test_alive_and_ready(course: Course) -> None:
    assert course.get("/healthz").status_code == 200
    assert course.get("/readyz").json() == {"ready": True, "checks": {"store": "ok"}, "clock": "manual"}


def test_a_store_that_is_down_is_told_as_try_again(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    treatment = course.open()

    async def down(*_: object, **__: object) -> None:
        raise StoreUnavailable

    for name in ("record", "open_treatment", "feed", "head"):
        monkeypatch.setattr(Ledger, name, down)
    answer = course.record(treatment, fact())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:coursewatch:problem:try-again"
    assert course.many([fact(treatment=treatment)]).status_code == 503
    assert course.get("/v1/audit/events").status_code == 503
    assert course.get("/readyz").status_code == 503
    assert course.get("/healthz").status_code == 200


def test_a_store_that_takes_no_facts_makes_the_service_unready_and_still_serves(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.open()

    async def refuses(_: Ledger) -> bool:
        return False

    monkeypatch.setattr(Ledger, "will_take_facts", refuses)
    answer = course.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"store": "takes no facts"})
    assert course.get("/v1/audit/events").status_code == 200


def test_a_request_that_stores_no_fact_is_not_told_of_one(course: Course) -> None:
    for method, path in (
        ("POST", "/v1/treatments/lookup"),
        ("POST", "/v1/treatments/labels"),
        ("PUT", "/v1/clock"),
    ):
        problem = course.request(method, path, json={str(n): n for n in range(30)}).json()
        assert problem["type"] == "urn:coursewatch:problem:invalid-query"
        assert "message_id" not in problem["detail"]
        assert len(problem["errors"]) == 20  # and never more (docs/contract.md §0)


def test_the_clock_moves_forward_only_and_stands_still_between(course: Course) -> None:
    moved = course.request("PUT", "/v1/clock", json={"now": "2024-06-10T09:00:00-04:00"})
    assert (moved.status_code, moved.json()) == (200, {"now": "2024-06-10T13:00:00.000000Z"})
    back = course.request("PUT", "/v1/clock", json={"now": "2024-06-10T12:59:59Z"})
    assert (back.status_code, back.json()["type"]) == (409, "urn:coursewatch:problem:clock-backwards")
    treatment = course.open()
    assert course.record(treatment, fact()).json()["recorded_at"] == "2024-06-10T13:00:00.000001Z"


def test_after_a_restart_the_clock_stands_at_the_last_recorded_instant(tmp_path: Path) -> None:
    first = Course(tmp_path)
    first.at("2024-06-10T13:00:00Z")
    first.open()
    first.close()
    again = Course(tmp_path, start=None)
    assert again.request("PUT", "/v1/clock", json={"now": "2024-06-10T12:59:59.999999Z"}).status_code == 409
    assert again.request("PUT", "/v1/clock", json={"now": "2024-06-10T13:00:00Z"}).status_code == 200
    again.close()


def test_without_a_manual_clock_there_is_no_such_route(tmp_path: Path) -> None:
    course = Course(tmp_path, clock="system")
    assert course.request("PUT", "/v1/clock", json={"now": "2024-06-10T13:00:00Z"}).status_code == 404
    assert "/v1/clock" not in course.get("/openapi.json").json()["paths"]
    assert course.get("/readyz").json()["clock"] == "system"
    course.close()


def test_every_answer_has_a_request_id_of_its_own(course: Course) -> None:
    answers = [course.get(path) for path in ("/healthz", "/nonsense", "/v1/audit/events?x=1", "/openapi.json")]
    ids = {answer.headers["coursewatch-request-id"] for answer in answers}
    assert len(ids) == len(answers)
    assert answers[1].json()["request_id"] == answers[1].headers["coursewatch-request-id"]


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(course: Course) -> None:
    answer = course.get("/v1/treatments/lookup")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unforeseen_exception_is_a_500_problem_without_its_text(
    course: Course, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("MRN-0042")

    monkeypatch.setattr(Ledger, "record", broken)
    answer = course.record(UNKNOWN, fact())
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:coursewatch:problem:internal-error")
    assert answer.headers["coursewatch-request-id"] == answer.json()["request_id"]
    assert "MRN-0042" not in answer.text
    assert "unforeseen exception" in caplog.text


def test_metrics_count_answers_and_name_no_treatment(course: Course) -> None:
    treatment = course.open()
    course.record(treatment, fact())
    text = course.get("/metrics").text
    opened = '{method="POST",route="/v1/treatments",status="201"}'
    assert f"coursewatch_http_request_duration_seconds_count{opened} 1" in text
    assert 'coursewatch_facts_total{outcome="stored"} 2.0' in text
    assert "coursewatch_log_head_position 2" in text
    assert treatment not in text


def test_the_document_knows_every_body_and_every_routes_scope(course: Course) -> None:
    document = course.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["x-coursewatch-scope"], (method, path)
    refs = [part.split('"')[0] for part in course.get("/openapi.json").text.split('"#/components/schemas/')[1:]]
    assert set(refs) <= set(document["components"]["schemas"])
    assert "Fact.LabResultRecorded" in refs


def test_the_docs_page_loads_nothing_from_elsewhere(course: Course) -> None:
    page = course.get("/docs")
    assert page.status_code == 200
    assert "/v1/treatments/{treatment}/events" in page.text
    for outside in ("http://", "https://", "//"):
        assert f'src="{outside}' not in page.text
        assert f'href="{outside}' not in page.text


def test_no_log_line_names_a_patient_or_repeats_what_was_sent(course: Course, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    treatment = course.open(label="Zebedee Quux", identifier={"system": "urn:mrn", "value": "MRN-QUUX"})
    course.post("/v1/treatments/lookup", {"identifier": {"system": "urn:mrn", "value": "MRN-QUUX"}})
    course.post("/v1/treatments/labels", {"treatments": [treatment]})
    course.record(treatment, fact(message_id="MRN-QUUX", data={"dose_mg": "MRN-QUUX"}))
    course.many([fact(identifier={"system": "urn:mrn", "value": "MRN-QUUX2"})])
    logging.getLogger(__name__).info("the log is heard")
    assert "the log is heard" in caplog.text
    assert "QUUX" not in caplog.text.upper()


def test_a_slash_too_many_is_not_redirected(course: Course) -> None:
    assert course.post("/v1/events/", []).status_code == 404


def test_the_allowed_methods_of_an_address_are_told_although_two_routes_share_it(course: Course) -> None:
    address = f"/v1/treatments/{UNKNOWN}/events"
    for method in ("HEAD", "DELETE", "OPTIONS", "PATCH", "PUT"):
        answer = course.request(method, address)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST"), method
        assert answer.headers["content-type"] == "application/problem+json"
