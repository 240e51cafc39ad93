"""What a credential will have to allow on each route; open on loopback until then (docs/contract.md §0)."""

from collections.abc import Mapping
from typing import Any, Literal

Scope = Literal["facts:write", "obligations:read", "obligations:act", "audit:read", "operate"]


def documented(
    scope: Scope, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A route's scope, body and query parameters (name -> what it does) for its part of the OpenAPI document."""
    extra: dict[str, Any] = {"x-coursewatch-scope": scope}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": body}
    if query:
        extra["parameters"] = [
            {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
            for name, text in query.items()
        ]
    return extra
