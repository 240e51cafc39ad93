"""The OpenAPI document's bodies: JSON Schemas made from the structs that read them, closed to unknown fields."""

from typing import Any

import msgspec

from services.course.api import answers, examples
from services.course.ingest.bodies import ClockBody, FactBody, ItemBody, LabelsBody, LookupBody, OpeningBody
from services.course.ingest.vocabulary import POSTABLE
from shared.contracts.v1.feed import FeedPage
from shared.problems import FieldError, problem_schema

_REF = "#/components/schemas/{name}"
_BODIES = (OpeningBody, LookupBody, LabelsBody, ClockBody)
_ANSWERS = (
    answers.OpenedAnswer,
    answers.FactAnswer,
    answers.KeptAnswer,
    answers.Treatments,
    answers.Labels,
    answers.FactPage,
    answers.QuarantinePage,
    FeedPage,
    FieldError,
)
Schema = dict[str, Any]


def body(kind: type[msgspec.Struct]) -> Schema:
    """The `content` of a request whose body is a `kind`."""
    return {"application/json": {"schema": _ref(kind.__name__), "example": examples.BODIES[kind.__name__]}}


def fact_body() -> Schema:
    """The `content` of one posted fact."""
    return {"application/json": {"schema": _ref("Fact"), "example": examples.FACT}}


def items_body() -> Schema:
    """The `content` of many posted facts."""
    array = {"type": "array", "items": _ref("Item"), "maxItems": 10_000}
    return {
        "application/json": {"schema": array, "example": [examples.ITEM]},
        "application/x-ndjson": {"schema": _ref("Item"), "example": examples.ITEM},
    }


def components() -> dict[str, Schema]:
    """Every schema that the bodies refer to, by name."""
    kinds = (*_BODIES, FactBody, ItemBody, *POSTABLE.values())
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    # Answers stay open, because their readers must ignore what they don't know.
    _, answered = msgspec.json.schema_components(_ANSWERS, ref_template=_REF)
    schemas = answered | schemas | {"Problem": problem_schema()}
    for name, base in (("Fact", schemas.pop("FactBody")), ("Item", schemas.pop("ItemBody"))):
        schemas |= {f"{name}.{fact}": _of_type(base, fact) for fact in POSTABLE}
        schemas[name] = {
            "oneOf": [_ref(f"{name}.{fact}") for fact in POSTABLE],
            "discriminator": {
                "propertyName": "type",
                "mapping": {fact: f"#/components/schemas/{name}.{fact}" for fact in POSTABLE},
            },
        }
    return schemas


def _of_type(base: Schema, fact: str) -> Schema:
    """The posted fact with the data that its type asks for."""
    properties = base["properties"] | {"type": {"const": fact}, "data": _ref(fact)}
    return base | {"title": fact, "properties": properties}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
