"""The OpenAPI document: each route's scope, parameters and answers, with schemas made from the structs that answer."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.monitoring.api.query import Parameter
from shared.openapi import UUID, Schema, Scope, complete, header, narrowed, parameter, problem_answer
from shared.posted_facts import FactBody
from shared.posted_schemas import posted_facts
from shared.problems import FieldError

_REF = "#/components/schemas/{name}"
_MADE: set[type[msgspec.Struct]] = set()
_PROBLEMS = {
    404: "Not here, or not yet known at `known_at`: `not-found`",
    422: "`invalid-query`: every wrong parameter is named, no value is repeated",
    503: "`try-again`: the store is down; `not-yet-projected`: ask again; see Retry-After",
}
_TEXT: Schema = {"type": "string"}
_FRESHNESS = header("Everything recorded up to then is in the answer.", _TEXT, always=False)
_TAG = {
    "ETag": header("Weak; equal for answers that say the same.", {"type": "string", "pattern": '^W/"[0-9a-f]{32}"$'}),
    "Cache-Control": header("A browser asks again each time.", _TEXT),
    "Vary": header("What the answer depends on.", _TEXT),
    "Coursewatch-Known-Through": _FRESHNESS,
}
_PROTOCOL: Schema = {"type": "string", "pattern": "^[!-.0-~]{1,256}$"}
_OBLIGATION: Schema = {"type": "string", "pattern": "^[!-.0-~]{1,4096}$"}
IF_NONE_MATCH = parameter("If-None-Match", "header", "The ETags a reader holds; if one still fits, 304.", _TEXT)


def documented(
    scope: Scope,
    parameters: Sequence[Parameter[Any]],
    answer: type[msgspec.Struct],
    *,
    also: Sequence[str] = (),
    problems: Sequence[int] = (422, 503),
    links: dict[str, Schema] | None = None,
) -> dict[str, Any]:
    """The document of a route that answers a question; `also` are other media types of its answer."""
    content: Schema = {"application/json": {"schema": refer(answer)}}
    content |= {kind: {"schema": {"type": "string"}} for kind in also}
    said: Schema = {
        "200": {"description": "The answer", "headers": dict(_TAG), "content": content},
        "304": {"description": "It still says what If-None-Match names", "headers": dict(_TAG)},
    }
    if links:
        said["200"]["links"] = links
    whole = scoped(scope, parameters)
    whole["parameters"].append(IF_NONE_MATCH)
    return whole | {"responses": said | refusals(*problems)}


def refusals(*statuses: int) -> Schema:
    """The problems that a route may answer."""
    return {str(status): problem_answer(_PROBLEMS[status], retry=status == 503) for status in statuses}


def scoped(scope: Scope, parameters: Sequence[Parameter[Any]]) -> dict[str, Any]:
    """What a credential will have to allow on a route (docs/contract.md §0), and its parameters."""
    return {"x-coursewatch-scope": scope, "parameters": [parameter.document() for parameter in parameters]}


def link(operation: str, description: str) -> Schema:
    """A link from the first row of a list to its treatment."""
    rows = {"treatment": "$response.body#/obligations/0/treatment"}
    return {"operationId": operation, "description": description, "parameters": rows}


def refer(kind: type[msgspec.Struct]) -> Schema:
    """A reference to the struct's schema, which the document then holds."""
    _MADE.add(kind)
    return {"$ref": _REF.format(name=kind.__name__)}


def finished(document: Schema, requirements: Sequence[str]) -> Schema:
    """The whole document; `requirements` are those that the installed editions know."""
    made: set[type[msgspec.Struct]] = {*_MADE, FieldError}
    _, schemas = msgspec.json.schema_components(sorted(made, key=lambda kind: kind.__name__), ref_template=_REF)
    if "ClockBody" in schemas:
        schemas["ClockBody"] = narrowed(schemas["ClockBody"]) | {"additionalProperties": False}
    schemas |= posted_facts({"Fact": FactBody})
    if "SimulationBody" in schemas:
        schemas["SimulationBody"]["properties"]["facts"]["items"] = {"$ref": _REF.format(name="Fact")}
        schemas["SimulationBody"]["additionalProperties"] = False
    for operations in document["paths"].values():
        for operation in operations.values():
            for asked in operation.get("parameters", []):
                if asked["name"] == "requirement":
                    asked["schema"]["items"] = {"type": "string", "enum": list(requirements)}
    return complete(document, schemas, {"treatment": UUID, "obligation": _OBLIGATION, "protocol": _PROTOCOL})
