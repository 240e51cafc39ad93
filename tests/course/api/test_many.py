"""Many facts at once, as an array or as lines (docs/contract.md §1.3)."""

import asyncio
import json
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from services.course.api.many import BATCH
from services.course.application import Ledger, RecordingFailed, StoreUnavailable
from services.course.domain.outcome import Outcome
from services.course.domain.submission import Submission
from tests.course.api.course import PATIENT, UNKNOWN, Course, fact


def line(**item: object) -> bytes:
    return json.dumps(item).encode()


def test_every_item_gets_the_status_it_would_have_got_alone(course: Course) -> None:
    treatment = course.open()
    items = [
        fact(message_id="a", treatment=treatment),
        fact(message_id="a", treatment=treatment),
        fact(message_id="b", treatment=treatment, occurred_at="2024-05-14T10:00:00"),
        fact(message_id="c", identifier=PATIENT),
        fact(message_id="d", treatment=UNKNOWN),
        fact(message_id="e", identifier=PATIENT | {"value": "nobody"}),
        fact(message_id="a", treatment=treatment, data={"dose_mg": 1}),
    ]
    answer = course.many(items)
    assert answer.status_code == 200
    said = answer.json()
    assert [result["status"] for result in said["results"]] == [201, 200, 422, 201, 202, 202, 409]
    assert [result["index"] for result in said["results"]] == list(range(7))
    assert said["counts"] == {"201": 2, "200": 1, "422": 1, "202": 2, "409": 1}
    first, again, wrong, by_patient, unknown, _, conflict = said["results"]
    assert first == {
        "index": 0,
        "status": 201,
        "fact_id": first["fact_id"],
        "treatment": treatment,
        "version": 2,
        "position": 2,
    }
    assert again == first | {"index": 1, "status": 200, "replayed": True}
    assert wrong["problem"]["type"] == "urn:coursewatch:problem:invalid-fact"
    assert wrong["problem"]["errors"] == [{"pointer": "/2/occurred_at", "message": "must carry an offset"}]
    assert (by_patient["treatment"], by_patient["version"]) == (treatment, 3)
    assert unknown["reason"] == "unknown-treatment"
    assert conflict["problem"]["fact_id"] == first["fact_id"]


def test_a_broken_array_stores_nothing(course: Course) -> None:
    treatment = course.open()
    good = line(**fact(treatment=treatment))
    for broken, pointer in (
        (b"[" + good + b",{]", "/1"),
        (b"[" + good + b"," + good.replace(b"12", b"NaN") + b"]", "/1/data/dose_mg"),
        (b"[" + good + b"," + good.replace(b"tester", b"\xff") + b"]", "/1/author"),
        (b"[" + good, "/0"),
    ):
        answer = course.request("POST", "/v1/events", content=broken, headers={"content-type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:coursewatch:problem:malformed-json"
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert course.head() == 1


def test_what_is_json_but_no_array_is_refused(course: Course) -> None:
    answer = course.many({"items": []})  # type: ignore[arg-type] # that is what is tested
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "", "message": "must be a list of facts"}]


def test_an_empty_array_is_answered_with_nothing(course: Course) -> None:
    assert course.many([]).json() == {"results": [], "counts": {}}


def test_lines_are_answered_line_by_line_in_order_and_last_the_counts(course: Course) -> None:
    treatment = course.open()
    said = course.lines(
        line(**fact(message_id="a", treatment=treatment)),
        b"",
        b'{"type": broken',
        line(**fact(message_id="a", treatment=treatment)),
        line(**fact(message_id="b", treatment=treatment, colour=1)),
        line(**fact(message_id="c", treatment=treatment)),
    )
    assert [result.get("status") for result in said] == [201, 400, 200, 422, 201, None]
    assert [result.get("index") for result in said[:-1]] == [0, 1, 2, 3, 4]
    assert said[1]["problem"]["errors"][0]["pointer"] == "/1/type"
    assert said[3]["problem"]["errors"][0]["pointer"] == "/3/colour"
    assert said[-1] == {"counts": {"201": 2, "400": 1, "200": 1, "422": 1}}


def test_many_lines_keep_their_order_and_leave_no_gap(course: Course) -> None:
    treatment = course.open()
    said = course.lines(*(line(**fact(message_id=str(n), treatment=treatment)) for n in range(1000)))
    assert [result["version"] for result in said[:-1]] == list(range(2, 1002))
    assert said[-1] == {"counts": {"201": 1000}}
    assert course.head() == 1001


def test_sent_again_after_a_dropped_connection_everything_is_replayed(course: Course) -> None:
    treatment = course.open()
    lines = [line(**fact(message_id=str(n), treatment=treatment)) for n in range(100)]
    course.lines(*lines[:60])
    assert course.lines(*lines)[-1] == {"counts": {"200": 60, "201": 40}}


def test_more_than_ten_thousand_items_are_too_many(course: Course) -> None:
    treatment = course.open()
    for body, kind in (
        (b"[" + b"{}," * 10_000 + b"{}]", "application/json"),
        (b"{}\n" * 10_001, "application/x-ndjson"),
    ):
        answer = course.request("POST", "/v1/events", content=body, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:coursewatch:problem:too-large")
    assert course.get(f"/v1/treatments/{treatment}/events").json()["next_after_version"] == 1


def test_an_item_larger_than_a_body_may_be_is_refused_alone(course: Course) -> None:
    treatment = course.open()
    said = course.many([fact(treatment=treatment, author="x" * (1 << 20)), fact(treatment=treatment)]).json()
    assert [result["status"] for result in said["results"]] == [413, 201]


def test_an_item_that_we_fail_on_does_not_hold_back_the_others(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    treatment = course.open()
    record = Ledger.record

    async def failing(ledger: Ledger, submissions: Sequence[Submission]) -> list[Outcome]:
        if any(submission.key == "bad" for submission in submissions):
            raise RecordingFailed("a mistake of ours")
        return await record(ledger, submissions)

    monkeypatch.setattr(Ledger, "record", failing)
    said = course.lines(*(line(**fact(message_id=key, treatment=treatment)) for key in ("a", "bad", "c")))
    assert [result.get("status") for result in said] == [201, 500, 201, None]
    assert said[1]["problem"]["type"] == "urn:coursewatch:problem:internal-error"


def test_while_the_store_is_down_lines_are_answered_503_and_a_whole_array_too(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    treatment = course.open()
    items = [fact(message_id="a", treatment=treatment), fact(message_id="b", treatment=treatment, colour=1)]

    async def down(*_: object) -> list[Outcome]:
        raise StoreUnavailable

    monkeypatch.setattr(Ledger, "record", down)
    assert [said.get("status") for said in course.lines(*(line(**item) for item in items))] == [503, 422, None]
    assert course.many(items[:1]).status_code == 503


def test_each_line_is_written_after_its_own_commit_and_before_later_ones(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    treatment = course.open()
    lines = [line(**fact(message_id=str(n), treatment=treatment)) for n in range(2 * BATCH)]
    told: list[bytes] = []
    record, gates = Ledger.record, [asyncio.Event(), asyncio.Event()]

    async def gated(ledger: Ledger, submissions: Sequence[Submission]) -> list[Outcome]:
        await gates[0 if submissions[0].key == "0" else 1].wait()
        return await record(ledger, submissions)

    async def hear(message: MutableMapping[str, Any]) -> None:
        told.extend(message.get("body", b"").splitlines())

    async def body() -> dict[str, Any]:
        return {"type": "http.request", "body": b"\n".join(lines), "more_body": False}

    async def heard_after(expected: int) -> int:
        """How many lines were told when it has been quiet for a while after the expected ones."""
        for _ in range(500):
            await asyncio.sleep(0.01)
            if len(told) >= expected:
                break
        await asyncio.sleep(0.1)
        return len(told)

    async def session() -> list[int]:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/events",
            "query_string": b"",
            "headers": [(b"content-type", b"application/x-ndjson")],
        }
        answering = asyncio.ensure_future(course.app(scope, body, hear))
        heard = [await heard_after(0)]
        gates[0].set()
        heard.append(await heard_after(BATCH))
        gates[1].set()
        await answering
        return [*heard, len(told)]

    monkeypatch.setattr(Ledger, "record", gated)
    assert course.run(session()) == [0, BATCH, 2 * BATCH + 1]
    assert json.loads(told[-1]) == {"counts": {"201": 2 * BATCH}}


def test_of_a_patient_with_several_treatments_one_must_be_named(course: Course) -> None:
    treatment, _ = course.open(), course.open(protocol="another")
    (result,) = course.many([fact(message_id="a", identifier=PATIENT)]).json()["results"]
    assert (result["status"], result["reason"]) == (202, "unknown-treatment")
    assert "Of several name one" in result["detail"]
    (result,) = course.many([fact(message_id="b", treatment=treatment)]).json()["results"]
    assert (result["status"], result["version"]) == (201, 2)
