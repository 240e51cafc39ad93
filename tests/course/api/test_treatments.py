"""Opening a treatment and finding it again without an identifier in any address (docs/contract.md §1.1)."""

from uuid import UUID

from tests.course.api.course import OPENING, PATIENT, UNKNOWN, Course


def test_the_first_call_opens_the_treatment(course: Course) -> None:
    answer = course.post("/v1/treatments", OPENING)
    assert answer.status_code == 201
    said = answer.json()
    assert said == {
        "treatment": said["treatment"],
        "fact_id": said["fact_id"],
        "version": 1,
        "position": 1,
        "recorded_at": "2024-05-14T14:00:00.000000Z",
        "differs": [],
    }
    assert UUID(said["treatment"]).version == UUID(said["fact_id"]).version == 7


def test_later_calls_get_the_same_treatment_and_are_told_what_differs(course: Course) -> None:
    first = course.post("/v1/treatments", OPENING).json()
    again = course.post("/v1/treatments", OPENING | {"sex": "male", "zone": "Europe/Paris", "label": "B. Other"})
    assert again.status_code == 200
    assert again.json() == first | {"differs": again.json()["differs"]}
    assert sorted(again.json()["differs"]) == ["label", "sex", "zone"]
    assert course.head() == 1


def test_another_patient_or_another_protocol_is_another_treatment(course: Course) -> None:
    first = course.open()
    others = {course.open(identifier=PATIENT | {"value": "MRN-0043"}), course.open(protocol="other")}
    assert len(others | {first}) == 3


def test_only_identifier_and_zone_are_required(course: Course) -> None:
    answer = course.post("/v1/treatments", {"identifier": PATIENT, "zone": "Europe/Paris"})
    opened = course.get(f"/v1/treatments/{answer.json()['treatment']}/events/1").json()
    assert opened["data"] == {"protocol": "alemtuzumab-ms", "site": "default", "zone": "Europe/Paris", "sex": "unknown"}
    missing = course.post("/v1/treatments", {})
    assert {error["pointer"] for error in missing.json()["errors"]} == {"/identifier", "/zone"}


def test_a_treatment_is_found_by_its_identifier(course: Course) -> None:
    treatment = course.open()
    assert course.post("/v1/treatments/lookup", {"identifier": PATIENT}).json() == {"treatments": [treatment]}
    nobody = {"identifier": PATIENT | {"value": "nobody"}}
    assert course.post("/v1/treatments/lookup", nobody).json() == {"treatments": []}


def test_labels_name_the_treatments_that_are_known(course: Course) -> None:
    treatment = course.open()
    answer = course.post("/v1/treatments/labels", {"treatments": [treatment, UNKNOWN]})
    assert answer.json() == {"labels": {treatment: {"label": "A. Example", "identifiers": [PATIENT]}}}


def test_more_labels_than_one_question_takes_are_refused_with_the_limit(course: Course) -> None:
    assert course.post("/v1/treatments/labels", {"treatments": [UNKNOWN] * 10_000}).json() == {"labels": {}}
    answer = course.post("/v1/treatments/labels", {"treatments": [UNKNOWN] * 10_001})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/treatments", "message": "must have at most 10000 items"}]


def test_neither_label_nor_identifier_is_in_the_log(course: Course) -> None:
    course.open()
    feed = course.get("/v1/audit/events").text
    assert "neuro-1" in feed
    assert "MRN-0042" not in feed
    assert "Example" not in feed
