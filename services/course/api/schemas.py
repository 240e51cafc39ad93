"""The OpenAPI document's schemas, made from the structs that read and write.

What is posted is closed to unknown fields and as narrow as its reader; answers stay open, because their readers must
ignore what they don't know.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from services.course.api import answers, examples
from services.course.ingest.bodies import ClockBody, ItemBody, LabelsBody, LookupBody, OpeningBody
from shared.contracts.v1.facts import FACTS
from shared.contracts.v1.feed import FeedPage
from shared.openapi import Schema, narrowed
from shared.posted_facts import FactBody
from shared.posted_schemas import closed, one_of, posted_facts
from shared.problems import FieldError

_REF = "#/components/schemas/{name}"
_RECORDED = "#/components/schemas/Recorded.{name}"
_BODIES = (OpeningBody, LookupBody, LabelsBody, ClockBody)
_ANSWERS = (
    answers.OpenedAnswer,
    answers.FactAnswer,
    answers.KeptAnswer,
    answers.Treatments,
    answers.Labels,
    answers.QuarantinePage,
    answers.Alive,
    answers.Ready,
    FieldError,
)


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
    """Every schema that the document refers to, by name."""
    _, answered = msgspec.json.schema_components(_ANSWERS, ref_template=_REF)
    return answered | _many() | _recorded() | _posted()


def _posted() -> dict[str, Schema]:
    """Bodies, and one schema for each type of fact, alone and as one of many."""
    _, made = msgspec.json.schema_components(_BODIES, ref_template=_REF)
    return closed(narrowed(made)) | posted_facts({"Fact": FactBody, "Item": ItemBody})


def _recorded() -> dict[str, Schema]:
    """Facts as the log holds them, one schema for each type."""
    kinds = (FeedPage, answers.FactPage, *FACTS.values())
    _, made = msgspec.json.schema_components(kinds, ref_template=_RECORDED)
    item = made.pop("FeedItem")
    pages = {name: made.pop(name) for name in ("FeedPage", "FactPage")}
    schemas: dict[str, Schema] = pages | {f"Recorded.{name}": schema for name, schema in made.items()}
    for name in FACTS:
        typed = {"type": {"const": name}, "schema": {"const": 1}, "data": _ref(f"Recorded.{name}")}
        schemas[f"FeedItem.{name}"] = {"allOf": [_ref("FeedItem"), {"title": name, "properties": typed}]}
    item["properties"] = {field: part for field, part in item["properties"].items() if field != "data"}
    return schemas | {"FeedItem": item, "Recorded.FeedItem": one_of("FeedItem", FACTS)}


def _many() -> dict[str, Schema]:
    """The answer to many: a result for each item, and how many got which status."""
    place = {"fact_id": _UUID, "treatment": _UUID, "version": _COUNT, "position": _COUNT}
    kept = {"quarantine_id": _UUID, "reason": {"type": "string"}, "detail": {"type": "string"}}
    told = {"problem": _ref("ItemProblem")}
    number = {"index": {"type": "integer", "minimum": 0}, "replayed": {"const": True}}
    return {
        "ItemStored": _object(number | {"status": {"enum": [200, 201]}} | place, optional={"replayed"}),
        "ItemKept": _object(number | {"status": {"const": 202}} | kept, optional={"replayed"}),
        "ItemRefused": _object({"index": number["index"], "status": {"enum": [400, 409, 413, 422, 500, 503]}} | told),
        "ItemProblem": _object(
            {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {"type": "array", "items": _ref("FieldError")},
            },
            optional={"errors"},
        ),
        "ItemResult": {"oneOf": [_ref("ItemStored"), _ref("ItemKept"), _ref("ItemRefused")]},
        "ItemCounts": {
            "type": "object",
            "description": "Status -> how many items got it.",
            "propertyNames": {"pattern": "^[2-5][0-9]{2}$"},
            "additionalProperties": {"type": "integer", "minimum": 1},
        },
        "ItemsAnswer": _object(
            {"results": {"type": "array", "items": _ref("ItemResult")}, "counts": _ref("ItemCounts")}
        ),
        "ItemsLine": {"anyOf": [_ref("ItemResult"), _object({"counts": _ref("ItemCounts")})]},
    }


_UUID: Schema = {"type": "string", "format": "uuid"}
_COUNT: Schema = {"type": "integer", "minimum": 1}


def _object(properties: dict[str, Any], optional: Collection[str] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
