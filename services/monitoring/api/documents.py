"""The OpenAPI document: each route's scope, parameters and answers, with schemas made from the structs that answer."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from services.monitoring.api.query import Parameter
from shared.problems import FieldError

Scope = Literal["obligations:read", "audit:read", "operate"]
_REF = "#/components/schemas/{name}"
_MADE: set[type[msgspec.Struct]] = set()
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": _REF.format(name="FieldError")}},
        "request_id": {"type": "string"},
    },
}


def documented(
    scope: Scope,
    parameters: Sequence[Parameter[Any]],
    answer: type[msgspec.Struct],
    *,
    also: Sequence[str] = (),
    problems: Sequence[int] = (404, 422, 503),
) -> dict[str, Any]:
    """A route's part of the document; `also` are other media types of its answer."""
    content: dict[str, Any] = {"application/json": {"schema": refer(answer)}}
    content |= {kind: {"schema": {"type": "string"}} for kind in also}
    responses: dict[str, Any] = {"200": {"description": "The answer", "content": content}}
    if parameters:
        responses["304"] = {"description": "It still says what If-None-Match names"}
    return {
        **scoped(scope, parameters),
        "responses": responses | {str(status): problem_answer() for status in problems if parameters},
    }


def scoped(scope: Scope, parameters: Sequence[Parameter[Any]]) -> dict[str, Any]:
    """What a credential will have to allow on a route (docs/contract.md §0), and its parameters."""
    return {"x-coursewatch-scope": scope, "parameters": [parameter.document() for parameter in parameters]}


def refer(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """A reference to the struct's schema, which the document then holds."""
    _MADE.add(kind)
    return {"$ref": _REF.format(name=kind.__name__)}


def problem_answer() -> dict[str, Any]:
    return {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
    }


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Adds the schemas, and the parts of the paths; takes away the answers that FastAPI guessed."""
    made: set[type[msgspec.Struct]] = {*_MADE, FieldError}
    kinds = sorted(made, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    document.setdefault("components", {})["schemas"] = {**schemas, "Problem": _PROBLEM}
    for path, operations in document["paths"].items():
        named = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            for name in re.findall(r"{(\w+)}", path)
        ]
        for operation in operations.values():
            operation["parameters"] = named + operation.get("parameters", [])
    return document
