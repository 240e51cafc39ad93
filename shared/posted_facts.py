"""A fact as it is posted, to be stored or only to be thought through: its shape, and what it must say beyond that.

The checks read the decoded JSON, so that they can speak of every mistake at once (docs/contract.md §1.2, §1.4).
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from shared.contracts.v1.facts import FACTS, FactData
from shared.contracts.v1.parts import BusinessId, ImpreciseDay, Instant, Reference, Word, Zone
from shared.json_shapes import check
from shared.problems import FieldError
from shared.texts import read_uuid

POSTABLE: dict[str, type[FactData]] = {name: kind for name, kind in FACTS.items() if name != "TreatmentOpened"}
NEEDS_CORRECTS = frozenset({"InfusionVoided", "ReactionRetracted", "ConditionRetracted", "FactVoided"})
NAMES_AN_OBLIGATION = frozenset({"ObligationWaived", "ObligationAcknowledged"})
NAMES_AN_INFUSION = frozenset(
    {"InfusionStopped", "ReactionReported", "PremedicationGiven", "DosePrepared", "ObservationCompleted"}
)
_DEMOGRAPHICS = "sex, birth_date, zone, site, cervix"

Json = dict[str, Any]


class FactBody(Struct, frozen=True, kw_only=True):
    """One posted fact; what `data` must be depends on `type`."""

    type: Word
    data: Any
    source: Word
    author: Word
    occurred_at: Instant | None = None
    occurred_on: ImpreciseDay | None = None
    zone: Zone | None = None
    message_id: Word | None = None
    business_id: BusinessId | None = None
    corrects: Reference | None = None
    issued_at: Instant | None = None


def check_fact(value: Any, kind: type[FactBody], base: str, errors: list[FieldError]) -> type[FactData] | None:
    """Appends what is wrong with a decoded `value` at the pointer `base`; answers what its `data` is, if that is known.

    `kind` is FactBody, or what it was extended to.
    """
    check(value, kind, base, errors)
    if not isinstance(value, dict):
        return None
    errors.extend(_common_parts(value, base))
    return _check_data(value, base, errors)


def normal_data(data: FactData) -> FactData:
    """The same data with the reference in it, if any, written as this product writes ids."""
    infusion = getattr(data, "infusion", None)
    return data if infusion is None else msgspec.structs.replace(data, infusion=normal_reference(infusion))


def normal_reference(reference: Reference | None) -> Reference | None:
    """The same reference with its id, if any, written as this product writes ids."""
    if reference is None or reference.fact_id is None:
        return reference
    return Reference(fact_id=str(read_uuid(reference.fact_id)))


def _check_data(fact: Json, base: str, errors: list[FieldError]) -> type[FactData] | None:
    name = fact.get("type")
    if not isinstance(name, str) or not name:
        return None  # the shape has said so
    kind = POSTABLE.get(name)
    if kind is None:
        errors.append(_wrong_type(name, base))
        return None
    data = fact.get("data")
    if "data" in fact:
        check(data, kind, f"{base}/data", errors)
    errors.extend(_missing_parts(fact, data if isinstance(data, dict) else {}, base))
    return kind


def _wrong_type(name: str, base: str) -> FieldError:
    """For a `type` that can't be posted."""
    if name in FACTS:
        return FieldError(f"{base}/type", "is recorded by POST /v1/treatments only")
    return FieldError(f"{base}/type", "is not a fact type; /openapi.json lists them")


def _common_parts(fact: Json, base: str) -> Iterator[FieldError]:
    """What is wrong between the fields that every fact has, whatever its `type`."""
    yield from _exactly_one(fact, ("occurred_at", "occurred_on"), base)
    yield from _reference(fact.get("corrects"), f"{base}/corrects")


def _missing_parts(fact: Json, data: Json, base: str) -> Iterator[FieldError]:
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
