"""What the OpenAPI documents of both services say in the same words: scopes, problems, headers, parts of the paths.

A body's schema says what its reader takes: NUL stands in no text, dates lie in the years that shared.texts reads.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from shared.problems import REQUEST_ID, problem_schema

Schema = dict[str, Any]
# What a credential will have to allow; open on loopback until there is one (docs/contract.md §0).
Scope = Literal["facts:write", "obligations:read", "obligations:act", "audit:read", "operate"]

_YEARS = "(?!9999)(19|[2-9][0-9])[0-9]{2}"
_MONTH = "(0[1-9]|1[0-2])"
_DATE = f"{_YEARS}-{_MONTH}-[0-3][0-9]"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
TEXT_PATTERN = "^[^\\u0000]*$"
DATE: Schema = {"type": "string", "format": "date", "pattern": f"^{_DATE}$"}
INSTANT: Schema = {"type": "string", "format": "date-time", "pattern": f"^{_DATE}T{_TIME}$"}
UUID: Schema = {
    "type": "string",
    "format": "uuid",
    "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
}
POSITION: Schema = {"type": "integer", "minimum": 0, "maximum": 10**15}
_IMPRECISE = f"^{_YEARS}(-{_MONTH}(-[0-3][0-9])?)?$"
_FORMATS = {"date": DATE["pattern"], "date-time": INSTANT["pattern"], "imprecise-date": _IMPRECISE}
_FORMATS |= {"uuid": UUID["pattern"], "iana-time-zone": "^[A-Za-z0-9_+/-]+$"}
_VERBS = ("get", "put", "post", "delete", "patch")


def parameter(name: str, where: str, description: str, schema: Mapping[str, Any], *, needed: bool = False) -> Schema:
    """A parameter of an operation; `where` is query, header or path."""
    return {"name": name, "in": where, "required": needed, "description": description, "schema": dict(schema)}


def header(description: str, schema: Mapping[str, Any], *, always: bool = True) -> Schema:
    """A header of an answer."""
    return {"description": description, "required": always, "schema": dict(schema)}


def problem_answer(description: str, *, retry: bool = False) -> Schema:
    """An answer that is a problem; `retry` says that it carries Retry-After."""
    said: Schema = {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if retry:
        said["headers"] = {"Retry-After": header("Seconds to wait.", {"type": "string", "pattern": "^[0-9]+$"})}
    return said


def counted(scope: Scope) -> Schema:
    """The document of `/metrics`."""
    answer = {"description": "Counts", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"x-coursewatch-scope": scope, "responses": {"200": answer}}


def narrowed(schema: Any) -> Any:
    """A body's schema made as strict as its reader."""
    if isinstance(schema, list):
        return [narrowed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {name: value if name in {"enum", "const", "default"} else narrowed(value) for name, value in schema.items()}
    if whole.get("type") == "string" and "enum" not in whole and "const" not in whole:
        whole["pattern"] = _FORMATS.get(whole.get("format", ""), whole.get("pattern", TEXT_PATTERN))
    if whole.get("type") == "integer":
        whole.setdefault("minimum", -(2**53) + 1)
        whole.setdefault("maximum", 2**53 - 1)
    return whole


def complete(document: Schema, schemas: Mapping[str, Schema], parts: Mapping[str, Schema]) -> Schema:
    """Adds the schemas, the parts of the paths (name -> schema) and what every answer carries."""
    document.setdefault("components", {})["schemas"] = {**schemas, "Problem": problem_schema()}
    for path, operations in document["paths"].items():
        named = [
            parameter(name, "path", f"The {name.replace('_', ' ')}.", parts[name], needed=True)
            for name in re.findall(r"{(\w+)}", path)
        ]
        for verb in _VERBS:
            if operation := operations.get(verb):
                operation["parameters"] = named + operation.get("parameters", [])
                for answer in operation["responses"].values():
                    answer.setdefault("headers", {})[REQUEST_ID] = {"$ref": f"#/components/headers/{REQUEST_ID}"}
    text = "Names this answer in the service's log."
    document["components"]["headers"] = {REQUEST_ID: header(text, {"type": "string", "pattern": "^[0-9a-f]{32}$"})}
    document["tags"] = [tag for tag in document.get("tags", []) if tag["name"] in set(_tags(document))]
    return document


def _tags(document: Schema) -> Iterator[str]:
    for operations in document["paths"].values():
        for operation in operations.values():
            yield from operation.get("tags", [])


def about(title: str, description: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of FastAPI that head the document; a route's function names its operation."""
    return {
        "title": title,
        "version": "1",
        "description": description,
        "contact": {"name": "Whoever runs this Coursewatch"},
        "servers": [{"url": "/", "description": "This service."}],
        "openapi_tags": [{"name": name, "description": text} for name, text in tags.items()],
        "generate_unique_id_function": lambda route: route.name,
    }
