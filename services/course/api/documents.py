"""What the OpenAPI document says of a route: its scope, what it takes and what it answers (docs/contract.md §0)."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.openapi import Schema, Scope, header, parameter, problem_answer

_REFUSALS = {
    400: "Not JSON: `malformed-json` names the last readable place",
    404: "Not here: `not-found`",
    409: "`idempotency-conflict`: the key was used for other content; or `clock-backwards`",
    413: "`too-large`",
    415: "`unsupported-media-type`",
    422: "`invalid-fact` or `invalid-query`: every wrong field is named, no value is repeated",
    503: "`try-again`: nothing was stored; see Retry-After",
}
_SAID = {
    200: "The answer",
    201: "Committed",
    202: "Kept in quarantine until it can be applied",
    503: "Not ready",
}
_TEXT: Schema = {"type": "string"}
_REPLAYED = header("Present when this was answered before.", {"const": "true"}, always=False)
_LOCATION = header("The address of the fact.", {"type": "string", "pattern": "^/v1/treatments/"})

SENDER = parameter(
    "Coursewatch-Sender",
    "header",
    "Who sends; keys are the sender's own. Left out = local.",
    {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
)
KEY = parameter(
    "Idempotency-Key",
    "header",
    "The message's key; must equal `message_id` where both are given.",
    {"type": "string", "minLength": 1, "maxLength": 4096},
)


def documented(
    scope: Scope,
    answers: Mapping[int, str],
    *,
    body: Mapping[str, Any] | None = None,
    takes: Sequence[Schema] = (),
    refusals: tuple[int, ...] = (),
    links: Mapping[str, Schema] | None = None,
) -> dict[str, Any]:
    """A route's part of the document.

    `answers`: status -> name of the schema of its JSON; `takes`: its parameters beside those of the path; `refusals`:
    the statuses beyond those that come with a body, parameters and a store; `links`: where a success leads.
    """
    statuses = {*refusals, 503, *((400, 413, 415, 422) if body is not None else ()), *((422,) if takes else ())}
    said = {str(status): _answer(status, name, links or {}) for status, name in answers.items()}
    refused = {
        str(status): problem_answer(_REFUSALS[status], retry=status == 503)
        for status in sorted(statuses - set(answers))
    }
    extra: dict[str, Any] = {"x-coursewatch-scope": scope, "responses": said | refused}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": body}
    if takes:
        extra["parameters"] = list(takes)
    return extra


def link(operation: str, description: str, **parameters: str) -> Schema:
    """A link to an operation with parameters read from this answer (OpenAPI runtime expressions)."""
    return {"operationId": operation, "description": description, "parameters": parameters}


def _answer(status: int, schema: str, links: Mapping[str, Schema]) -> Schema:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    answer: Schema = {"description": _SAID[status], "content": content}
    if schema == "FactAnswer":
        answer["headers"] = {"Location": _LOCATION} | ({"Idempotent-Replayed": _REPLAYED} if status == 200 else {})
    if schema == "KeptAnswer":
        answer["headers"] = {"Idempotent-Replayed": _REPLAYED}
    if links and status < 202:
        answer["links"] = dict(links)
    return answer
