"""Reading facts back, the feed with its long poll, the quarantine (docs/contract.md §1.5, §1.6)."""

import asyncio
import json
import time

import httpx
import pytest

from tests.course.api.course import OPENING, PATIENT, UNKNOWN, Course, fact

CBC = {
    "specimen_id": "S-1001",
    "results": [{"code": "777-3", "value": 210, "unit": "10*3/uL", "status": "final"}],
}


def test_the_feed_gives_every_fact_with_every_field(course: Course) -> None:
    treatment = course.open()
    name = {"system": "urn:hospital:lis", "value": "S-1001", "version": 1}
    posted = fact(
        "LabResultRecorded", CBC, business_id=name, zone="Europe/Paris", issued_at="2024-05-14T11:00:00-04:00"
    )
    fact_id = course.record(treatment, posted, Coursewatch_Sender="lab").json()["fact_id"]
    page = course.get("/v1/audit/events", after=1).json()
    assert page == {
        "events": [
            {
                "position": 2,
                "fact_id": fact_id,
                "treatment": treatment,
                "version": 2,
                "type": "LabResultRecorded",
                "schema": 1,
                "occurred_at": "2024-05-14T10:00:00-04:00",
                "occurred_on": None,
                "zone": "Europe/Paris",
                "issued_at": "2024-05-14T11:00:00-04:00",
                "recorded_at": "2024-05-14T14:00:00.000001Z",
                "sender": "lab",
                "source": "urn:test",
                "author": "tester",
                "business_id": name,
                "corrects": None,
                "data": CBC | {"results": [CBC["results"][0] | {"system": "http://loinc.org"}]},  # type: ignore[index]
            }
        ],
        "next_after": 2,
        "head": 2,
        "recorded_through": "2024-05-14T14:00:00.000001Z",
    }


def test_the_feed_is_walked_in_pages_without_gaps(course: Course) -> None:
    treatment = course.open()
    course.lines(*(json.dumps(fact(message_id=str(n), treatment=treatment)).encode() for n in range(24)))
    positions, instants, after = [], [], 0
    while True:
        page = course.get("/v1/audit/events", after=after, limit=10).json()
        if not page["events"]:
            break
        positions += [event["position"] for event in page["events"]]
        instants += [event["recorded_at"] for event in page["events"]]
        after = page["next_after"]
    assert positions == list(range(1, 26))
    assert instants == sorted(set(instants))
    assert (page["next_after"], page["head"]) == (25, 25)


def test_the_feed_of_one_treatment_starts_after_a_version(course: Course) -> None:
    treatment, other = course.open(), course.open(identifier=PATIENT | {"value": "other"})
    for n in range(3):
        course.record(treatment, fact(message_id=f"a{n}"))
        course.record(other, fact(message_id=f"b{n}"))
    page = course.get("/v1/audit/events", treatment=treatment, after_version=2).json()
    assert [(event["treatment"], event["version"]) for event in page["events"]] == [(treatment, 3), (treatment, 4)]


def test_an_empty_answer_is_held_until_something_is_recorded(course: Course) -> None:
    treatment = course.open()

    async def wait_and_post() -> tuple[httpx.Response, float]:
        asked = time.monotonic()
        waiting = asyncio.create_task(course.client.get("/v1/audit/events", params={"after": 1, "wait": 20}))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await course.client.post(f"/v1/treatments/{treatment}/events", json=fact())
        return await waiting, time.monotonic() - asked

    answer, waited = course.run(wait_and_post())
    assert [event["position"] for event in answer.json()["events"]] == [2]
    assert waited < 5


def test_an_empty_answer_comes_when_the_wait_is_over(course: Course) -> None:
    course.open()
    asked = time.monotonic()
    page = course.get("/v1/audit/events", after=1, wait=1).json()
    assert 0.9 < time.monotonic() - asked < 5
    assert (page["events"], page["next_after"]) == ([], 1)


def test_a_treatments_facts_are_read_back_by_version(course: Course) -> None:
    treatment = course.open()
    course.record(treatment, fact())
    page = course.get(f"/v1/treatments/{treatment}/events").json()
    assert [event["type"] for event in page["events"]] == ["TreatmentOpened", "InfusionAdministered"]
    assert page["next_after_version"] == 2
    second = course.get(f"/v1/treatments/{treatment}/events", after_version=1, limit=1).json()
    assert second["events"] == [course.get(f"/v1/treatments/{treatment}/events/2").json()] == page["events"][1:]
    assert course.get(f"/v1/treatments/{treatment}/events", after_version=2).json() == {
        "events": [],
        "next_after_version": 2,
    }


@pytest.mark.parametrize(
    "path", [f"/v1/treatments/{UNKNOWN}/events", f"/v1/treatments/{UNKNOWN}/events/1", "/v1/nonsense", "/"]
)
def test_what_is_not_here_is_a_404_problem(course: Course, path: str) -> None:
    answer = course.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:coursewatch:problem:not-found"
    assert UNKNOWN not in answer.text


@pytest.mark.parametrize(
    "path, pointer",
    [
        ("/v1/audit/events?after=-1", "/query/after"),
        ("/v1/audit/events?after=x", "/query/after"),
        ("/v1/audit/events?after=1&after=2", "/query/after"),
        ("/v1/audit/events?limit=0", "/query/limit"),
        ("/v1/audit/events?limit=10001", "/query/limit"),
        ("/v1/audit/events?wait=31", "/query/wait"),
        ("/v1/audit/events?treatment=x", "/query/treatment"),
        ("/v1/audit/events?after_version=1", "/query/after_version"),
        ("/v1/audit/events?colour=red", "/query/colour"),
        (f"/v1/treatments/{UNKNOWN}/events?limit=", "/query/limit"),
        (f"/v1/treatments/{UNKNOWN}/events/x", "/path/version"),
        ("/v1/treatments/x/events", "/path/treatment"),
        ("/v1/quarantine?after=x", "/query/after"),
        ("/v1/quarantine?reason=unknown", "/query/reason"),
        ("/v1/quarantine?sender=A", "/query/sender"),
    ],
)
def test_a_question_that_can_not_be_read_names_its_parameter(course: Course, path: str, pointer: str) -> None:
    answer = course.get(path)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:coursewatch:problem:invalid-query"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_quarantined_messages_are_listed_and_driven_when_the_treatment_is_opened(course: Course) -> None:
    held = course.many([fact(message_id="q", identifier=PATIENT)]).json()["results"][0]
    (listed,) = course.get("/v1/quarantine").json()["items"]
    assert listed == {
        "quarantine_id": held["quarantine_id"],
        "reason": "unknown-treatment",
        "sender": "local",
        "received_at": listed["received_at"],
        "sha256": listed["sha256"],
        "resolved": False,
    }
    course.post("/v1/treatments", OPENING)
    assert course.get("/v1/quarantine").json()["items"] == [listed | {"resolved": True}]
    assert course.head() == 2
    again = course.many([fact(message_id="q", identifier=PATIENT)]).json()["results"][0]
    assert (again["status"], again["version"]) == (200, 2)


def test_the_quarantine_is_filtered_and_walked(course: Course) -> None:
    for n in range(3):
        course.record(UNKNOWN, fact(message_id=f"m{n}"), Coursewatch_Sender="lab" if n else "ward")
    assert len(course.get("/v1/quarantine", sender="lab").json()["items"]) == 2
    assert course.get("/v1/quarantine", reason="in-the-future").json()["items"] == []
    first = course.get("/v1/quarantine", limit=2).json()
    rest = course.get("/v1/quarantine", after=first["next_after"]).json()
    assert (len(first["items"]), len(rest["items"])) == (2, 1)


def test_driving_a_message_again_tells_what_it_would_get_now(course: Course) -> None:
    quarantine_id = course.record(UNKNOWN, fact(message_id="m")).json()["quarantine_id"]
    answer = course.post(f"/v1/quarantine/{quarantine_id}/redrive", {})
    assert (answer.status_code, answer.json()["quarantine_id"]) == (202, quarantine_id)
    assert course.post(f"/v1/quarantine/{UNKNOWN}/redrive", {}).status_code == 404
    assert course.post("/v1/quarantine/x/redrive", {}).status_code == 422
