"""Checks a decoded JSON value against a msgspec type and names every wrong field, without ever repeating a value.

Stricter than msgspec's own conversion, which stops at the first mistake, quotes the value, and lets NUL and unknown
fields pass: unknown fields, booleans for numbers, NUL, lengths, patterns and the formats of shared.texts.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from msgspec import inspect

from shared.json_scanner import MAX_INTEGER, child
from shared.problems import FieldError
from shared.texts import FORMATS, NotReadable

MAX_STRING = 4096
Errors = list[FieldError]
Check = Callable[[Any, str, Errors], None]
_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


def check(value: Any, kind: Any, pointer: str, errors: Errors) -> None:
    """Appends to `errors` what is wrong with `value` as a `kind` (a msgspec Struct or an annotation) at `pointer`."""
    _check_for(kind)(value, pointer, errors)


@cache
def _check_for(kind: Any) -> Check:
    return _compile(inspect.type_info(kind))


def _compile(kind: inspect.Type, format_: str | None = None) -> Check:
    made: Check
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=schema):
            made = _compile(inner, (schema or {}).get("format", format_))
        case inspect.StructType():
            made = _struct(kind)
        case inspect.StrType():
            made = _text(kind, format_)
        case inspect.IntType() | inspect.FloatType() | inspect.BoolType() | inspect.NoneType():
            made = _union((kind,), format_)
        case inspect.UnionType(types=types):
            made = _union(types, format_)
        case inspect.LiteralType(values=values):
            made = _literal(values)
        case inspect.VarTupleType() | inspect.ListType():
            made = _list(_compile(kind.item_type), kind.min_length or 0, kind.max_length)
        case inspect.AnyType() | inspect.RawType():
            made = _anything
        case _:
            raise TypeError(f"No check is known for {type(kind).__name__}.")
    return made


def _anything(value: Any, pointer: str, errors: Errors) -> None:
    """Whoever asked for anything checks it himself."""


def _struct(kind: inspect.StructType) -> Check:
    fields = {field.encode_name: _compile(field.type) for field in kind.fields}
    required = [field.encode_name for field in kind.fields if field.required]

    def check_struct(value: Any, pointer: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            errors.append(FieldError(pointer, "must be an object"))
            return
        for name, member in value.items():
            known = fields.get(name)
            if known is None:
                errors.append(FieldError(child(pointer, name), "is not a field that is known here"))
            else:
                known(member, f"{pointer}/{name}", errors)
        for name in required:
            if name not in value:
                errors.append(FieldError(f"{pointer}/{name}", "is required"))

    return check_struct


def _list(item: Check, least: int, most: int | None) -> Check:
    def check_list(value: Any, pointer: str, errors: Errors) -> None:
        if not isinstance(value, list):
            errors.append(FieldError(pointer, "must be a list"))
            return
        if len(value) < least:
            errors.append(FieldError(pointer, f"must have at least {least} item" + ("s" if least > 1 else "")))
        if most is not None and len(value) > most:
            errors.append(FieldError(pointer, f"must have at most {most} items"))
            return
        for index, member in enumerate(value):
            item(member, f"{pointer}/{index}", errors)

    return check_list


def _literal(values: tuple[Any, ...]) -> Check:
    allowed = frozenset(values)
    message = "must be one of: " + ", ".join(sorted(values))

    def check_literal(value: Any, pointer: str, errors: Errors) -> None:
        if not isinstance(value, str) or value not in allowed:
            errors.append(FieldError(pointer, message))

    return check_literal


def _text(kind: inspect.StrType, format_: str | None) -> Check:
    least, most = kind.min_length or 0, min(kind.max_length or MAX_STRING, MAX_STRING)
    pattern = re.compile(kind.pattern, re.ASCII) if kind.pattern and not format_ else None
    reads = FORMATS.get(format_ or "")

    def check_text(value: Any, pointer: str, errors: Errors) -> None:
        if not isinstance(value, str):
            errors.append(FieldError(pointer, "must be a text"))
        elif "\x00" in value:
            errors.append(FieldError(pointer, "must not hold the character NUL"))
        elif len(value) > most:
            errors.append(FieldError(pointer, f"must have at most {most} characters"))
        elif len(value) < least:
            errors.append(FieldError(pointer, "must not be empty"))
        elif pattern is not None and (not pattern.search(value) or value.endswith("\n")):
            errors.append(FieldError(pointer, f"must look like {pattern.pattern}"))
        elif reads is not None:
            try:
                reads(value)
            except NotReadable as error:
                errors.append(FieldError(pointer, str(error)))

    return check_text


def _union(types: tuple[inspect.Type, ...], format_: str | None) -> Check:
    """Of several types each Python class of value has one check; what has none is told what it may be."""
    by_class: dict[type, Check] = {}
    names: list[str] = []
    for kind in types:
        inner = kind.type if isinstance(kind, inspect.Metadata) else kind
        match inner:
            case inspect.NoneType():
                by_class[type(None)] = _anything
                continue
            case inspect.IntType():
                classes: tuple[type, ...] = (int,)
                known = _number(inner)
            case inspect.FloatType():
                classes = (float, int)
                known = _number(inner)
            case inspect.BoolType():
                classes, known = (bool,), _anything
            case inspect.StructType():
                classes, known = (dict,), _compile(kind)
            case inspect.VarTupleType() | inspect.ListType():
                classes, known = (list,), _compile(kind)
            case _:
                classes, known = (str,), _compile(kind, format_)
        names.append(_NAMES[classes[0]])
        for each in classes:
            by_class.setdefault(each, known)
    if "a number" in names and "a whole number" in names:
        names.remove("a whole number")
    message = "must be " + " or ".join(names)
    not_a_boolean = f"must be {'a number' if float in by_class else 'a whole number'}, not a boolean"

    def check_union(value: Any, pointer: str, errors: Errors) -> None:
        known = by_class.get(type(value))
        if known is not None:
            known(value, pointer, errors)
        elif isinstance(value, bool) and int in by_class:
            errors.append(FieldError(pointer, not_a_boolean))
        else:
            errors.append(FieldError(pointer, message))

    return check_union


def _number(kind: inspect.IntType | inspect.FloatType) -> Check:
    least = kind.ge

    def check_number(value: Any, pointer: str, errors: Errors) -> None:
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            errors.append(FieldError(pointer, "is too large a number"))
        elif least is not None and value < least:
            errors.append(FieldError(pointer, f"must not be less than {least}"))

    return check_number
