"""What holds between the fields of a posted fact, as JSON Schema; the same rules as ingest/vocabulary.py checks."""

from services.course.ingest.vocabulary import NAMES_AN_OBLIGATION, NEEDS_CORRECTS
from shared.openapi import Schema

_TYPES = {"corrects": "object", "business_id": "object", "identifier": "object"}


def conditions(fact: str, *, of_many: bool) -> list[Schema]:
    """The rules for a fact of this type; one of many also says whose it is."""
    found = [exactly_one("occurred_at", "occurred_on")]
    if of_many:
        found.append(exactly_one("treatment", "identifier"))
    if fact in NEEDS_CORRECTS:
        found.append(_given("corrects"))
    if fact == "LabResultCorrected":
        found.append({"anyOf": [_given("corrects"), _given("business_id")]})
    if fact == "LabResultCancelled":
        # exactly one of the two ways to say which result
        found.append({"oneOf": [_given("corrects"), {"properties": {"data": _given("specimen_id")}}]})
    if fact in NAMES_AN_OBLIGATION:
        found.append({"properties": {"data": exactly_one("obligation_id", "requirement")}})
    return found


def reference() -> Schema:
    """What a reference must say beside its fields."""
    return exactly_one("fact_id", "business_id")


def exactly_one(one: str, other: str) -> Schema:
    """Exactly one of two fields, not counting null."""
    return {"oneOf": [_given(one), _given(other)]}


def _given(name: str) -> Schema:
    return {"type": "object", "required": [name], "properties": {name: {"type": _TYPES.get(name, "string")}}}
