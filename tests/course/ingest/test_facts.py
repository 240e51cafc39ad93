"""Posted bytes become submissions, or every wrong field is named and no value repeated (contract.md §1.2, §1.4)."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.course.domain.submission import Submission
from services.course.ingest.facts import Envelope, read_fact, read_item
from shared.contracts.v1.facts import LOINC, LabResultRecorded
from shared.json_scanner import MalformedJson
from shared.posted_facts import POSTABLE
from shared.strict_json import InvalidJson
from tests.contracts.golden import EXAMPLES, example

T = UUID("0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41")
FACT_ID = "0190f9aa-1b2c-7000-8000-00000000a001"
HEAD = {"source": "urn:test", "author": "tester", "occurred_at": "2024-06-10T08:15:00-04:00"}
ENVELOPE_FIELDS = (
    "type",
    "occurred_at",
    "occurred_on",
    "zone",
    "issued_at",
    "source",
    "author",
    "business_id",
    "corrects",
    "data",
)


def fact(kind: str, data: Any, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "data": data} | HEAD | fields


def read(posted: dict[str, Any], key: str | None = None) -> Submission:
    return read_fact(json.dumps(posted).encode(), T, Envelope("local", key))


def refusal(posted: dict[str, Any], key: str | None = None) -> dict[str, str]:
    with pytest.raises(InvalidJson) as caught:
        read(posted, key)
    return {error.pointer: error.message for error in caught.value.errors}


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("TreatmentOpened")])
def test_every_golden_example_can_be_posted(name: str) -> None:
    item = json.loads(example(name))
    submission = read({field: item[field] for field in ENVELOPE_FIELDS})
    assert type(submission.data) is POSTABLE[item["type"]]
    assert submission.occurred_at == item["occurred_at"]


def test_texts_and_bytes_are_kept_as_the_sender_wrote_them() -> None:
    body = json.dumps(fact("DeathRecorded", {}, message_id="m1", zone="Europe/Paris"), indent=3).encode()
    submission = read_fact(body, T, Envelope("lab"))
    assert submission.received == body
    assert (submission.key, submission.zone, submission.sender) == ("m1", "Europe/Paris", "lab")
    assert submission.occurred_at == HEAD["occurred_at"]


def test_the_code_system_of_a_result_is_loinc_unless_said() -> None:
    data = read(fact("LabResultRecorded", {"specimen_id": "S", "results": [{"code": "777-3", "status": "final"}]})).data
    assert isinstance(data, LabResultRecorded)
    assert data.results[0].system == LOINC


def test_fact_ids_are_understood_in_either_case() -> None:
    submission = read(fact("FactVoided", {"reason": "x"}, corrects={"fact_id": FACT_ID.upper()}))
    assert submission.corrects is not None
    assert submission.corrects.fact_id == FACT_ID


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("unknown type", fact("Nonsense", {}), "/type", "is not a fact type; /openapi.json lists them"),
    ("opening", fact("TreatmentOpened", {}), "/type", "is recorded by POST /v1/treatments only"),
    ("no data", {k: v for k, v in fact("DeathRecorded", {}).items() if k != "data"}, "/data", "is required"),
    ("data is a list", fact("DeathRecorded", []), "/data", "must be an object"),
    ("unknown data field", fact("DeathRecorded", {"cause": 1}), "/data/cause", "is not a field that is known here"),
    ("unknown field", fact("DeathRecorded", {}, colour=1), "/colour", "is not a field that is known here"),
    ("no author", {k: v for k, v in fact("DeathRecorded", {}).items() if k != "author"}, "/author", "is required"),
    ("boolean", fact("InfusionAdministered", {"dose_mg": True}), "/data/dose_mg", "must be a number, not a boolean"),
    ("text", fact("InfusionAdministered", {"dose_mg": "12"}), "/data/dose_mg", "must be a number"),
    ("null", fact("InfusionAdministered", {"dose_mg": None}), "/data/dose_mg", "must be a number"),
    ("negative", fact("InfusionAdministered", {"dose_mg": -1}), "/data/dose_mg", "must not be less than 0"),
    ("huge", fact("InfusionAdministered", {"dose_mg": 10**30}), "/data/dose_mg", "is too large a number"),
    ("naive", fact("DeathRecorded", {}, occurred_at="2024-06-10T08:15:00"), "/occurred_at", "must carry an offset"),
    (
        "no seconds",
        fact("DeathRecorded", {}, occurred_at="2024-06-10T08:15-04:00"),
        "/occurred_at",
        "must carry seconds",
    ),
    ("epoch", fact("DeathRecorded", {}, occurred_at=1718000000), "/occurred_at", "must be a text"),
    (
        "no such day",
        fact("DeathRecorded", {}, occurred_at="2023-02-29T08:15:00Z"),
        "/occurred_at",
        "must be a real date and time of day",
    ),
    (
        "not an instant",
        fact("DeathRecorded", {}, occurred_at="yesterday"),
        "/occurred_at",
        "must be an instant like 2024-06-10T08:15:00-04:00",
    ),
    (
        "both dates",
        fact("DeathRecorded", {}, occurred_on="2024-06-10"),
        "/occurred_on",
        "exactly one of occurred_at and occurred_on is required",
    ),
    (
        "no date",
        {"type": "DeathRecorded", "data": {}, "source": "s", "author": "a"},
        "/occurred_at",
        "exactly one of occurred_at and occurred_on is required",
    ),
    (
        "no such zone",
        fact("DeathRecorded", {}, zone="Mars/Base"),
        "/zone",
        "must be an IANA time zone like America/New_York",
    ),
    (
        "zone climbs",
        fact("DeathRecorded", {}, zone="../etc"),
        "/zone",
        "must be an IANA time zone like America/New_York",
    ),
    ("void of nothing", fact("FactVoided", {"reason": "x"}), "/corrects", "is required for FactVoided"),
    (
        "infusion void of nothing",
        fact("InfusionVoided", {"reason": "x"}),
        "/corrects",
        "is required for InfusionVoided",
    ),
    (
        "retraction of nothing",
        fact("ReactionRetracted", {"reason": "x"}),
        "/corrects",
        "is required for ReactionRetracted",
    ),
    (
        "two references",
        fact(
            "FactVoided", {"reason": "x"}, corrects={"fact_id": FACT_ID, "business_id": {"system": "s", "value": "v"}}
        ),
        "/corrects",
        "must have exactly one of fact_id and business_id",
    ),
    (
        "empty reference",
        fact("InfusionStopped", {"reason": "x", "infusion": {}}),
        "/data/infusion",
        "must have exactly one of fact_id and business_id",
    ),
    (
        "no fact id",
        fact("FactVoided", {"reason": "x"}, corrects={"fact_id": "17"}),
        "/corrects/fact_id",
        "must be a UUID like 0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41",
    ),
    (
        "cancels nothing",
        fact("LabResultCancelled", {"reason": "x"}),
        "/corrects",
        "exactly one of corrects and data/specimen_id is required",
    ),
    (
        "cancels twice",
        fact("LabResultCancelled", {"reason": "x", "specimen_id": "S"}, corrects={"fact_id": FACT_ID}),
        "/corrects",
        "exactly one of corrects and data/specimen_id is required",
    ),
    (
        "corrects nothing",
        fact("LabResultCorrected", {"specimen_id": "S", "results": [{"code": "1", "status": "final"}]}),
        "/corrects",
        "is required for LabResultCorrected without a business_id",
    ),
    (
        "waives nothing",
        fact("ObligationWaived", {"reason": "x"}),
        "/data/obligation_id",
        "exactly one of obligation_id and requirement is required",
    ),
    (
        "waives twice",
        fact("ObligationWaived", {"reason": "x", "obligation_id": "o", "requirement": "r"}),
        "/data/requirement",
        "exactly one of obligation_id and requirement is required",
    ),
    (
        "no such last day",
        fact("ObligationWaived", {"reason": "x", "requirement": "r", "until": "2024-02-30"}),
        "/data/until",
        "must be a real calendar date",
    ),
    (
        "corrects no demographics",
        fact("DemographicsCorrected", {}),
        "/data",
        "must have at least one of: sex, birth_date, zone, site, cervix",
    ),
    (
        "unknown word",
        fact("RemsFormSubmitted", {"form": "other"}),
        "/data/form",
        "must be one of: baseline-lab, infusion-checklist, patient-status",
    ),
    ("no signs", fact("ReactionReported", {"signs": []}), "/data/signs", "must have at least 1 item"),
    (
        "not a slug",
        fact("ReactionReported", {"signs": ["ok", "Bad Sign"]}),
        "/data/signs/1",
        "must look like ^[a-z0-9]+(-[a-z0-9]+)*$",
    ),
    (
        "a result's status",
        fact("LabResultRecorded", {"specimen_id": "S", "results": [{"code": "1", "status": "final"}, {"code": "2"}]}),
        "/data/results/1/status",
        "is required",
    ),
    ("NUL", fact("VaccineAdministered", {"cvx": "a\0b"}), "/data/cvx", "must not hold the character NUL"),
    ("too long", fact("VaccineAdministered", {"cvx": "x" * 4097}), "/data/cvx", "must have at most 4096 characters"),
    ("empty", fact("VaccineAdministered", {"cvx": ""}), "/data/cvx", "must not be empty"),
    ("unusual key", fact("DeathRecorded", {"A. Example, born 1988": 1}), "/data", "is not a field that is known here"),
]


@pytest.mark.parametrize("posted, pointer, message", [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_field_is_named_with_its_reason(posted: dict[str, Any], pointer: str, message: str) -> None:
    assert refusal(posted)[pointer] == message


def test_all_wrong_fields_are_named_at_once() -> None:
    wrong = fact("InfusionAdministered", {"dose_mg": True, "lot": 7}, zone="Mars/Base", occurred_at="x")
    assert set(refusal(wrong)) == {"/data/dose_mg", "/data/lot", "/zone", "/occurred_at"}


def test_a_wrong_type_does_not_hide_what_else_is_wrong() -> None:
    for kind in ({"type": "Unheard"}, {"type": 7}, {}):
        posted = {"data": {}, "source": "s", "author": "a", "corrects": {}} | kind
        assert set(refusal(posted)) == {"/type", "/occurred_at", "/corrects"}


def test_a_key_in_the_header_stands_for_the_message_id() -> None:
    assert read(fact("DeathRecorded", {}), key="k").key == "k"
    assert read(fact("DeathRecorded", {}, message_id="k"), key="k").key == "k"


def test_a_key_in_the_header_must_equal_the_message_id() -> None:
    assert set(refusal(fact("DeathRecorded", {}, message_id="other"), key="k")) == {"/header/Idempotency-Key"}
    assert "/header/Idempotency-Key" in refusal(fact("DeathRecorded", {}, message_id=["k"]), key="k")


def test_an_item_says_whose_it_is_in_exactly_one_way() -> None:
    for whose in ({}, {"treatment": str(T), "identifier": {"system": "s", "value": "v"}}):
        with pytest.raises(InvalidJson) as caught:
            read_item(json.dumps(fact("DeathRecorded", {}) | whose).encode(), 3, Envelope("local"))
        assert [error.pointer for error in caught.value.errors] == ["/3/treatment"]


def test_an_item_may_name_the_treatment_or_the_patient() -> None:
    by_id = read_item(json.dumps(fact("DeathRecorded", {}, treatment=str(T))).encode(), 0, Envelope("local"))
    assert (by_id.treatment, by_id.identifier) == (T, None)
    patient = {"system": "s", "value": "v"}
    by_patient = read_item(json.dumps(fact("DeathRecorded", {}, identifier=patient)).encode(), 0, Envelope("local"))
    assert by_patient.treatment is None
    assert by_patient.identifier is not None
    assert by_patient.identifier.value == "v"


def test_pointers_of_an_item_start_with_its_index() -> None:
    body = json.dumps(fact("DeathRecorded", {"x": 1}, treatment=str(T))).encode()
    with pytest.raises(InvalidJson) as caught:
        read_item(body.replace(b'"author"', b'"source": "twice", "author"'), 2, Envelope("local"))
    assert {error.pointer for error in caught.value.errors} == {"/2/source", "/2/data/x"}


def test_what_is_nested_too_deep_is_malformed_before_anything_else() -> None:
    body = json.dumps(fact("DeathRecorded", {"x": "DEEP"})).encode()
    with pytest.raises(MalformedJson) as caught:
        read_fact(body.replace(b'"DEEP"', b"[" * 20 + b"]" * 20), T, Envelope("local"))
    assert caught.value.pointer.startswith("/data/x/0")
