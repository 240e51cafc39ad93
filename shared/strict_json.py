"""The strict JSON policy of every body: decoded fast, refused with the place and a sentence, never half read.

What is checked where: msgspec decodes; `json_shapes` compares with the expected type; `json_scanner` finds the exact
place when either complains. msgspec keeps the last of duplicate keys, so what it decoded is written again and the
colons are counted: each lost key loses at least one. Escapes (\\u003a) could hide a colon, so bodies with `\\u` are
read once more by the json module with a hook that sees the keys. Source: docs/contract.md §0.
"""

import json
from typing import Any, NamedTuple, TypeVar

import msgspec

from shared.json_scanner import MalformedJson, scan
from shared.json_shapes import check
from shared.problems import FieldError, Problem, wrong_fields

T = TypeVar("T", bound=msgspec.Struct)


class InvalidJson(Exception):
    """JSON whose fields are wrong; each error names its field."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(f"{len(errors)} wrong fields")
        self.errors = errors


class Parsed(NamedTuple):
    """A value, and what is wrong with it although it is JSON: keys that stand twice, numbers out of range."""

    value: Any
    errors: list[FieldError]
    scanned: bool


def parse(body: bytes) -> Parsed:
    """Raises MalformedJson. Only the scanner sees the depth: who finds an error later calls `check_depth`."""
    try:
        value = msgspec.json.decode(body)
        if not _lost_a_key(body, value):
            return Parsed(value, [], scanned=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        pass
    return Parsed(*scan(body), scanned=True)


def check_depth(body: bytes, parsed: Parsed) -> None:
    """Raises MalformedJson for what is nested too deep; no known type is, so only wrong bodies need to ask."""
    if not parsed.scanned:
        scan(body)


def decode(body: bytes, kind: type[T]) -> T:
    """The body as a `kind`; raises MalformedJson or InvalidJson."""
    parsed = parse(body)
    errors = [*parsed.errors]
    check(parsed.value, kind, "", errors)
    if errors:
        check_depth(body, parsed)
        raise InvalidJson(errors)
    return msgspec.convert(parsed.value, kind)


def malformed(error: MalformedJson) -> Problem:
    """400 for bytes that are no JSON."""
    detail = "The body is not JSON as RFC 8259 and RFC 7493 have it. Nothing was stored. Mend it and send again."
    return Problem(400, "malformed-json", "The body can't be read", detail, [FieldError(error.pointer, error.message)])


def unreadable(error: InvalidJson) -> Problem:
    """422 for a body that asks or moves something, and stores no fact."""
    return Problem(422, "invalid-query", "The request can't be read", wrong_fields(len(error.errors)), error.errors)


def _lost_a_key(body: bytes, value: Any) -> bool:
    if b"\\u" not in body:
        return msgspec.json.encode(value).count(b":") != body.count(b":")
    twice = False

    def see(pairs: list[tuple[str, Any]]) -> None:
        nonlocal twice
        twice = twice or len({key for key, _ in pairs}) != len(pairs)

    json.loads(body, object_pairs_hook=see)
    return twice
