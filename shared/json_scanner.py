"""Reads JSON slowly and names every place: where it breaks, which keys come twice, which numbers are no numbers.

`strict_json` asks the scanner only when the fast decoder refused or may have lost something.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from shared.problems import MAX_ERRORS, FieldError

MAX_DEPTH = 16
MAX_INTEGER = 2**53 - 1  # beyond it JSON readers disagree (RFC 7493)

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.:@$-]{1,64}")
_CONSTANTS = {"true": True, "false": False, "null": None}


class MalformedJson(Exception):
    """Bytes that are no JSON; `pointer` is the last readable place."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message


def child(pointer: str, key: str | int) -> str:
    """The pointer of a member. A key that no field would have is not repeated: its parent is named instead."""
    if isinstance(key, int) or _PLAIN_KEY.fullmatch(key):
        return f"{pointer}/{key}"
    return pointer


def scan(body: bytes) -> tuple[Any, list[FieldError]]:
    """The value and what is wrong with it although it is JSON; raises MalformedJson where it is none."""
    try:
        text, broken = body.decode(), None
    except UnicodeDecodeError as error:
        text, broken = body[: error.start].decode(), "the bytes after this place are not UTF-8"
    scanner = _Scanner(text)
    try:
        value = scanner.document()
    except MalformedJson as error:
        if broken:
            raise MalformedJson(error.pointer, broken) from None
        raise
    if broken:
        raise MalformedJson("", broken)
    return value, scanner.errors


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    errors: list[FieldError] = field(default_factory=list)

    def document(self) -> Any:
        value = self._value("", 1)
        self._skip()
        if self.at < len(self.text):
            raise MalformedJson("", "there is something after the end of the JSON")
        return value

    def _skip(self) -> str:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def _value(self, pointer: str, depth: int) -> Any:
        first = self._skip()
        if first == "{":
            return self._object(pointer, self._deeper(pointer, depth))
        if first == "[":
            return self._array(pointer, self._deeper(pointer, depth))
        if first == '"':
            return self._string(pointer)
        word = _WORD.match(self.text, self.at)
        if word and word[0] in _CONSTANTS:
            self.at = word.end()
            return _CONSTANTS[word[0]]
        if self.text.startswith(("NaN", "Infinity", "-Infinity"), self.at):
            raise MalformedJson(pointer, "NaN and Infinity are not JSON")
        return self._number(pointer)

    def _deeper(self, pointer: str, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise MalformedJson(pointer, f"is nested more than {MAX_DEPTH} deep")
        self.at += 1
        return depth + 1

    def _object(self, pointer: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        last = pointer
        while (first := self._skip()) != "}" or found:
            if first != '"':
                raise self._broken(last, "a field name in double quotes must follow")
            key = self._string(last)
            last = child(pointer, key)
            if self._skip() != ":":
                raise self._broken(last, "a colon must follow")
            self.at += 1
            value = self._value(last, depth)
            if key in found:
                self._wrong(last, "stands here twice")
            found[key] = value
            if self._end(last, "}"):
                return found
        self.at += 1
        return found

    def _array(self, pointer: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while self._skip() != "]" or found:
            here = child(pointer, len(found))
            found.append(self._value(here, depth))
            if self._end(here, "]"):
                return found
        self.at += 1
        return found

    def _end(self, pointer: str, closing: str) -> bool:
        mark = self._skip()
        if mark not in {",", closing} or not mark:
            raise self._broken(pointer, f"a comma or {closing} must follow")
        self.at += 1
        return mark == closing

    def _string(self, pointer: str) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self._broken(pointer, "holds a text that is not ended or not well escaped")
        self.at = match.end()
        text: str = json.loads(match[0])
        if _SURROGATE.search(text):
            raise MalformedJson(pointer, "holds half of a surrogate pair")
        return text

    def _number(self, pointer: str) -> int | float:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self._broken(pointer, "a value must stand here")
        self.at = match.end()
        whole = match[1] is None and match[2] is None
        if len(match[0]) <= 400 or not whole:
            number = float(match[0])
            if abs(number) <= (MAX_INTEGER if whole else 1.7976931348623157e308):
                return int(match[0]) if whole else number
        self._wrong(pointer, "is too large a number")
        return 0

    def _wrong(self, pointer: str, message: str) -> None:
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(FieldError(pointer, message))

    def _broken(self, pointer: str, message: str) -> MalformedJson:
        if self.at >= len(self.text):
            return MalformedJson(pointer, "the JSON ends here too early")
        return MalformedJson(pointer, message)
