"""What a fact must say beyond the shape of its fields: exactly one of these, at least one of those (§1.4).

The checks read the decoded JSON, so that they can speak beside mistakes in the shape.
"""

from collections.abc import Iterator
from typing import Any

from shared.contracts.v1.facts import FACTS, FactData
from shared.problems import FieldError

POSTABLE: dict[str, type[FactData]] = {name: kind for name, kind in FACTS.items() if name != "TreatmentOpened"}
NEEDS_CORRECTS = frozenset({"InfusionVoided", "ReactionRetracted", "ConditionRetracted", "FactVoided"})
NAMES_AN_OBLIGATION = frozenset({"ObligationWaived", "ObligationAcknowledged"})
NAMES_AN_INFUSION = frozenset(
    {"InfusionStopped", "ReactionReported", "PremedicationGiven", "DosePrepared", "ObservationCompleted"}
)
_DEMOGRAPHICS = "sex, birth_date, zone, site, cervix"

Json = dict[str, Any]


def wrong_type(name: str, base: str) -> FieldError:
    """For a `type` that can't be posted."""
    if name in FACTS:
        return FieldError(f"{base}/type", "is recorded by POST /v1/treatments only")
    return FieldError(f"{base}/type", "is not a fact type; /openapi.json lists them")


def common_parts(fact: Json, base: str) -> Iterator[FieldError]:
    """What is wrong between the fields that every fact has, whatever its `type`."""
    yield from _exactly_one(fact, ("occurred_at", "occurred_on"), base)
    yield from _reference(fact.get("corrects"), f"{base}/corrects")


def missing_parts(fact: Json, data: Json, base: str) -> Iterator[FieldError]:
    """What is wrong between the fields of a fact whose `type` is postable, beside the common ones."""
    kind = fact["type"]
    if kind in NEEDS_CORRECTS and fact.get("corrects") is None:
        yield FieldError(f"{base}/corrects", f"is required for {kind}")
    if kind == "LabResultCorrected" and fact.get("corrects") is None and fact.get("business_id") is None:
        yield FieldError(f"{base}/corrects", "is required for LabResultCorrected without a business_id")
    if kind == "LabResultCancelled" and (fact.get("corrects") is None) == (data.get("specimen_id") is None):
        yield FieldError(f"{base}/corrects", "exactly one of corrects and data/specimen_id is required")
    if kind in NAMES_AN_OBLIGATION:
        yield from _exactly_one(data, ("obligation_id", "requirement"), f"{base}/data")
    if kind in NAMES_AN_INFUSION:
        yield from _reference(data.get("infusion"), f"{base}/data/infusion")
    if kind == "DemographicsCorrected" and not data:
        yield FieldError(f"{base}/data", f"must have at least one of: {_DEMOGRAPHICS}")


def _exactly_one(fields: Json, names: tuple[str, str], base: str) -> Iterator[FieldError]:
    given = [name for name in names if fields.get(name) is not None]
    if len(given) != 1:
        yield FieldError(f"{base}/{names[len(given) // 2]}", f"exactly one of {names[0]} and {names[1]} is required")


def _reference(value: object, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, dict):
        given = [name for name in ("fact_id", "business_id") if value.get(name) is not None]
        if len(given) != 1:
            yield FieldError(pointer, "must have exactly one of fact_id and business_id")
