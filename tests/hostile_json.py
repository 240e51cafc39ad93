"""The hostile-JSON list: made from the example of a body, sent to every body route of an OpenAPI document.

Each hostile body carries SECRET where a patient's data would stand; no answer may repeat it.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import httpx

from shared.texts import NotReadable, read_instant

SECRET = "MRN-SECRET-77"
_HOLE = "@@hole@@"


class Hostile(NamedTuple):
    """What is sent, and how it must be refused: with this status, naming this pointer (None: no field is at fault)."""

    kind: str
    content: bytes
    media_type: str
    status: int
    pointer: str | None


class Route(NamedTuple):
    """A door that takes a body."""

    method: str
    path: str
    media_type: str
    example: Any


Send = Callable[[Route, Hostile], httpx.Response]


def body_routes(document: dict[str, Any]) -> list[Route]:
    """Every route with a body; each must have an example."""
    return [
        Route(method.upper(), path, media_type, content["example"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
    ]


def hostile(example: Any, media_type: str) -> Iterator[Hostile]:
    """The whole list for one example."""
    item = "/0" if media_type == "application/x-ndjson" else ""

    def made(kind: str, content: bytes, status: int, pointer: str | None) -> Hostile:
        return Hostile(kind, content, media_type, status, None if pointer is None else item + pointer)

    for pointer, leaf in leaves(example):
        for kind, raw, status in _in_place_of(leaf):
            content = _with(example, pointer, raw)
            yield made(kind, content, status, pointer)
    for pointer, members in objects(example):
        name = next(iter(members))
        twice = json.dumps(members)[:-1] + f', "{name}": "{SECRET}"}}'
        yield made("duplicate key", _with(example, pointer, twice.encode()), 422, f"{pointer}/{name}")
        escaped = f'{{"\\u{ord(name[0]):04x}{name[1:]}": "{SECRET}", ' + json.dumps(members)[1:]
        yield made("duplicate key, escaped", _with(example, pointer, escaped.encode()), 422, f"{pointer}/{name}")
        unknown = json.dumps(members | {"colour": SECRET})
        yield made("unknown field", _with(example, pointer, unknown.encode()), 422, f"{pointer}/colour")
    whole = json.dumps(example).encode()
    yield made("trailing bytes", whole + b" 1", 400, "")
    yield made("cut off", whole[:-1], 400, None)
    yield made("no JSON", SECRET.encode(), 400, "")
    yield made("UTF-16", json.dumps(example).encode("utf-16"), 400, "")
    if media_type == "application/json":
        yield made("empty", b"", 400, "")
        yield made("not an object", f'"{SECRET}"'.encode(), 422, "")
        yield made("null", b"null", 422, "")
        yield Hostile("wrong media type", whole, "text/plain", 415, None)
        yield Hostile("no media type", whole, "", 415, None)
        yield Hostile("wrong charset", whole, "application/json; charset=latin-1", 415, None)


def _in_place_of(leaf: Any) -> Iterator[tuple[str, bytes, int]]:
    """Kind, raw JSON and status of everything that may not stand where `leaf` does."""
    for word in (b"NaN", b"Infinity", b"-Infinity"):
        yield word.decode(), word, 400
    yield "lone surrogate", f'"{SECRET}\\ud800"'.encode(), 400
    yield "broken UTF-8", f'"{SECRET}'.encode() + b'\xff"', 400
    yield "raw control character", f'"{SECRET}\x00"'.encode(), 400
    yield "nested too deep", b"[" * 17 + b"]" * 17, 400
    yield "nested deep enough to end a parser", b"[" * 50_000 + b"]" * 50_000, 400
    yield "1e400", b"1e400", 422
    yield "huge integer", b"9" * 400, 422
    yield "NUL", f'"{SECRET}\\u0000"'.encode(), 422
    yield "too long", json.dumps(SECRET * 400).encode(), 422
    yield "boolean", b"true", 422
    yield "object", f'{{"x": "{SECRET}"}}'.encode(), 422
    if not isinstance(leaf, str):
        return
    yield "epoch", b"1718000000", 422
    try:
        read_instant(leaf)
    except NotReadable:
        return
    yield "naive datetime", b'"2024-06-10T08:15:00"', 422
    yield "no such day", b'"2023-02-29T08:15:00Z"', 422
    yield "words for an instant", f'"{SECRET}"'.encode(), 422


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every place that holds no object and no list."""
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, member in members:
            yield from leaves(member, f"{pointer}/{name}")
    else:
        yield pointer, value


def objects(value: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object."""
    if isinstance(value, dict):
        yield pointer, value
    if isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from objects(member, f"{pointer}/{name}")


def _with(example: Any, pointer: str, raw: bytes) -> bytes:
    """The example with raw bytes in place of what stands at a pointer."""
    if not pointer:
        return raw
    holed = deepcopy(example)
    *way, last = pointer[1:].split("/")
    inner = holed
    for name in way:
        inner = inner[int(name)] if isinstance(inner, list) else inner[name]
    inner[int(last) if isinstance(inner, list) else last] = _HOLE
    return json.dumps(holed).encode().replace(f'"{_HOLE}"'.encode(), raw)


def complaint(answer: httpx.Response, sent: Hostile) -> str | None:
    """Why the answer to a hostile body is not good enough; None if it is."""
    status, errors = _refusal(answer)
    if not 400 <= status < 500:
        return f"{sent.kind} at {sent.pointer}: accepted with {status}"
    if SECRET in answer.text:
        return f"{sent.kind} at {sent.pointer}: the value was echoed"
    if status != sent.status:
        return f"{sent.kind} at {sent.pointer}: {status} instead of {sent.status}"
    named = [error["pointer"] for error in errors]
    if sent.kind.startswith("nested"):  # the last readable place lies within the field
        named = [sent.pointer for pointer in named if pointer.startswith(f"{sent.pointer}/0")]
    if sent.pointer is not None and sent.pointer not in named:
        return f"{sent.kind} at {sent.pointer}: named {named} instead"
    return None


def _refusal(answer: httpx.Response) -> tuple[int, list[dict[str, str]]]:
    """Status and errors, of the one item if the answer is that of many."""
    try:
        said = json.loads(answer.text.splitlines()[0])
    except ValueError:
        return answer.status_code, []
    if answer.status_code == 200 and "results" in said:
        said = said["results"][0]
    if answer.status_code == 200 and "index" in said:
        return said["status"], said.get("problem", {}).get("errors", [])
    return answer.status_code, said.get("errors", [])
