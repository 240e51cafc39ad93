"""Every way in which what is written does not have the shape that is read, each with what to write instead.

msgspec refuses at the first mistake and names types; a pharmacist who mends a file needs all of them, in its own
words. What is found here is what msgspec would refuse: its own converter judges every value.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from services.monitoring.toml_lines import Path

Mistake = tuple[Path, str]
"""Where it stands, and the sentence."""

_WORDS: Mapping[type, tuple[type, str]] = {
    inspect.StrType: (str, "a text in quotation marks"),
    inspect.IntType: (int, "a whole number"),
    inspect.FloatType: (float, "a number"),
    inspect.BoolType: (bool, "true or false"),
    inspect.DateType: (date, "a date like 2024-01-31"),
    inspect.DateTimeType: (datetime, "an instant with its offset, like 2024-01-31T09:00:00-05:00"),
}


def mistakes_in(content: object, shape: type) -> list[Mistake]:
    """`shape` is the Struct that the content should be converted to."""
    return list(_Reader(content, _shape_of(shape)).found)


_shape_of = cache(inspect.type_info)


def did_you_mean(word: str, known: list[str]) -> str | None:
    """The one that a slip of the pen may have meant."""
    return next(iter(get_close_matches(word, known, 1, 0.7)), None)


def shown(value: object) -> str:
    """A value as TOML writes it, not too long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else str(value)


class _Reader:
    def __init__(self, content: object, shape: inspect.Type) -> None:
        self._usual: dict[tuple[type, str], object] = {}  # what other entries write under a key
        self._learning = True
        for _ in self._read(content, shape, ()):
            pass
        self._learning = False
        self.found = self._read(content, shape, ())

    def _read(self, value: object, shape: inspect.Type, path: Path) -> Iterator[Mistake]:
        match shape:
            case inspect.StructType():
                yield from self._table(value, shape, path)
            case inspect.UnionType(types=types):
                yield from self._union(value, [one for one in types if not isinstance(one, inspect.NoneType)], path)
            case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
                if not isinstance(value, list):
                    yield path, f"{shown(value)} is no list. Write it in brackets: [ … ]"
                    return
                for number, one in enumerate(value):
                    yield from self._read(one, item, (*path, number))
            case inspect.LiteralType(values=values):
                if value not in values:
                    yield path, f"{shown(value)} is none of the words for it. {_one_of(value, list(values))}"
            case inspect.DictType():
                if not isinstance(value, dict):
                    yield path, f"{shown(value)} is no table. Write it in braces: {{ … }}"
            case _:
                yield from _leaf(value, [shape], path)

    def _union(self, value: object, shapes: list[inspect.Type], path: Path) -> Iterator[Mistake]:
        tables = [one for one in shapes if isinstance(one, inspect.StructType)]
        if len(shapes) == 1:
            yield from self._read(value, shapes[0], path)
        elif not tables:
            yield from _leaf(value, shapes, path)
        elif not isinstance(value, dict):
            yield path, f"{shown(value)} is no table. Write it in braces: {{ … }}"
        else:
            key = str(tables[0].tag_field)
            by_tag = {str(one.tag): one for one in tables}
            if key not in value:
                yield path, f"{key} is missing. Write one of: {', '.join(by_tag)}"
            elif (tag := value[key]) not in list(by_tag):
                yield (*path, key), f"{shown(tag)} is no {key} of this. {_one_of(tag, list(by_tag))}"
            else:
                yield from self._table(value, by_tag[tag], path)

    def _table(self, value: object, shape: inspect.StructType, path: Path) -> Iterator[Mistake]:
        if not isinstance(value, dict):
            yield path, f"{shown(value)} is no table. Write it in braces: {{ … }}"
            return
        known = {one.encode_name: one for one in shape.fields}
        absent = [key for key, one in known.items() if one.required and key not in value]
        for key, said in value.items():
            if key in known:
                if self._learning:
                    self._usual.setdefault((shape.cls, key), said)
                yield from self._read(said, known[key].type, (*path, key))
            elif key != shape.tag_field:
                meant = did_you_mean(key, [one for one in known if one not in value])
                if meant in absent:
                    absent.remove(meant)
                instead = f"Did you mean {meant}?" if meant else f"Remove it, or write one of: {', '.join(known)}"
                yield (*path, key), f"there is no such key here. {instead}"
        for key in absent:
            yield path, f"{key} is missing. Write {self._sample(shape.cls, key, known[key].type)}"

    def _sample(self, table: type, key: str, shape: inspect.Type) -> str:
        usual = self._usual.get((table, key))
        if isinstance(usual, int | float) and not isinstance(usual, bool):
            return f"{_words([shape])}, like {key} = {usual}"
        if isinstance(shape, inspect.LiteralType):
            return f"one of: {', '.join(map(str, shape.values))}"
        return f"{key} = {_words([shape])}"


def _leaf(value: object, shapes: list[inspect.Type], path: Path) -> Iterator[Mistake]:
    for shape in shapes:
        if isinstance(shape, inspect.AnyType) or (isinstance(shape, inspect.LiteralType) and value in shape.values):
            return
        try:
            msgspec.convert(value, _WORDS[type(shape)][0])
        except (msgspec.ValidationError, KeyError):
            continue
        return
    hint = ""
    if isinstance(value, str) and any(isinstance(one, inspect.IntType | inspect.FloatType) for one in shapes):
        hint = ", without quotation marks"
    yield path, f"{shown(value)} does not belong here. Write {_words(shapes)}{hint}"


def _words(shapes: list[inspect.Type]) -> str:
    said = []
    for shape in shapes:
        match shape:
            case inspect.LiteralType(values=values):
                said.append(" or ".join(map(str, values)))
            case inspect.VarTupleType() | inspect.ListType():
                said.append("a list in brackets, [ … ]")
            case inspect.UnionType(types=types):
                said.append(_words([one for one in types if not isinstance(one, inspect.NoneType)]))
            case inspect.StructType() | inspect.DictType():
                said.append("a table in braces, { … }")
            case _:
                said.append(_WORDS[type(shape)][1] if type(shape) in _WORDS else "a value")
    return " or ".join(dict.fromkeys(said))


def _one_of(value: object, words: list[Any]) -> str:
    meant = did_you_mean(str(value), [str(one) for one in words])
    return (f"Did you mean {meant}? " if meant else "") + f"Write one of: {', '.join(map(str, words))}"
