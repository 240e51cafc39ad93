"""What the OpenAPI document says of a route: its scope, body, query and answers (docs/contract.md §0)."""

from collections.abc import Mapping
from typing import Any, Literal

# What a credential will have to allow; open on loopback until there is one.
Scope = Literal["facts:write", "obligations:read", "obligations:act", "audit:read", "operate"]

_REFUSALS = {
    400: "Not JSON: `malformed-json` names the last readable place",
    404: "Not here: `not-found`",
    409: "`idempotency-conflict`: the key was used for other content; or `clock-backwards`",
    413: "`too-large`",
    415: "`unsupported-media-type`",
    422: "`invalid-fact` or `invalid-query`: every wrong field is named, no value is repeated",
    503: "`try-again`: nothing was stored; see Retry-After",
}


def documented(
    scope: Scope,
    answers: Mapping[int, str],
    *,
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
    refusals: tuple[int, ...] = (),
) -> dict[str, Any]:
    """A route's part of the document.

    `answers`: status -> name of the schema of its JSON, or nothing; `query`: name -> what it does; `refusals`: the
    statuses beyond those that come with having a body, a query and a store.
    """
    statuses = {*refusals, 503, *((400, 413, 415, 422) if body is not None else ()), *((422,) if query else ())}
    said = {str(status): _answer(name) for status, name in answers.items()}
    refused = {str(status): _problem(_REFUSALS[status]) for status in sorted(statuses - set(answers))}
    extra: dict[str, Any] = {"x-coursewatch-scope": scope, "responses": said | refused}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": body}
    if query:
        extra["parameters"] = [
            {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
            for name, text in query.items()
        ]
    return extra


def _answer(schema: str) -> dict[str, Any]:
    if not schema:
        return {"description": "The answer"}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": "The answer", "content": content}


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}
