"""Query parameters read strictly: one vocabulary for reading them and for the OpenAPI document.

An unknown name, a value that can't be read and a value given twice are each named by a pointer (`/query/on`); no
value is repeated.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from starlette.requests import Request

from shared.problems import FieldError, invalid_query
from shared.texts import NotReadable

T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """`read` turns the text into a value or raises NotReadable; `schema` is its JSON Schema."""

    name: str
    read: Callable[[str], T]
    schema: Mapping[str, Any]
    description: str
    repeatable: bool = False
    required: bool = False

    def document(self) -> dict[str, Any]:
        """The parameter as OpenAPI writes it."""
        schema = {"type": "array", "items": dict(self.schema)} if self.repeatable else dict(self.schema)
        said = {"name": self.name, "in": "query", "required": self.required, "description": self.description}
        return said | {"schema": schema}


class Query:
    """The parameters of one request, every one of them read."""

    def __init__(self, request: Request, parameters: Sequence[Parameter[Any]]) -> None:
        """Raises a 422 problem that names every parameter that is wrong."""
        known = {parameter.name: parameter for parameter in parameters}
        self._values: dict[str, list[Any]] = {}
        errors: list[FieldError] = []
        for name, text in request.query_params.multi_items():
            parameter = known.get(name)
            if parameter is None:
                errors.append(_unknown(name, known))
            elif name in self._values and not parameter.repeatable:
                errors.append(FieldError(f"/query/{name}", "may be given once only"))
            else:
                self._read(parameter, text, errors)
        errors += [
            FieldError(f"/query/{one.name}", "is required")
            for one in parameters
            if one.required and one.name not in request.query_params
        ]
        if errors:
            raise invalid_query(list(dict.fromkeys(errors)))

    def _read(self, parameter: Parameter[Any], text: str, errors: list[FieldError]) -> None:
        values = self._values.setdefault(parameter.name, [])
        try:
            values.append(parameter.read(text))
        except NotReadable as wrong:
            errors.append(FieldError(f"/query/{parameter.name}", str(wrong)))

    def asked(self, parameter: Parameter[Any]) -> bool:
        return parameter.name in self._values

    def one(self, parameter: Parameter[T]) -> T | None:
        """Its value, None if it was not given."""
        return cast("T", self._values[parameter.name][0]) if self.asked(parameter) else None

    def many(self, parameter: Parameter[T]) -> tuple[T, ...]:
        """Its values, each once, in the order given."""
        return tuple(dict.fromkeys(self._values.get(parameter.name, ())))


def wrong(parameter: Parameter[Any], message: str) -> Exception:
    """The 422 problem for a parameter that can be read but not used."""
    return invalid_query([FieldError(f"/query/{parameter.name}", message)])


def _unknown(name: str, known: Mapping[str, object]) -> FieldError:
    pointer = f"/query/{name}" if _NAME.fullmatch(name) else "/query"
    names = ", ".join(known) or "none"
    return FieldError(pointer, f"is not a parameter of this address; it knows {names}")


def any_text(text: str) -> str:
    """A text that a store can hold."""
    if not text:
        raise NotReadable("must not be empty")
    if "\0" in text or "\ufffd" in text or len(text) > 256:
        raise NotReadable("must be at most 256 characters of valid UTF-8 without NUL")
    return text


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise NotReadable("must be one of " + ", ".join(words))
        return text

    return read


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds, both inclusive."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
            raise NotReadable(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def yes_or_no(text: str) -> bool:
    """`true` or `false`."""
    if text not in {"true", "false"}:
        raise NotReadable("must be true or false")
    return text == "true"
