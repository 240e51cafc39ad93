"""The JSON Schemas of the wire, made from the structs: one per fact type (the whole feed item), and the messages.

Open to unknown fields, because readers ignore what they don't know; free text is never required, because Kafka leaves
it out. `python -m shared.contracts.v1` writes them to schemas/.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from shared.contracts.v1.announcements import Announcement
from shared.contracts.v1.cloudevents import schema_path
from shared.contracts.v1.facts import FACTS, FREE_TEXT, FactData
from shared.contracts.v1.feed import FeedItem, Watermark

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"
Schema = dict[str, Any]


def schemas() -> Iterator[tuple[str, Schema]]:
    """Every schema of v1 by name."""
    for name, kind in FACTS.items():
        yield name, _fact(name, kind)
    for message in (Watermark, Announcement):
        yield message.__name__, _message(message)


def written(schema: Schema) -> str:
    """A schema as its file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=1).decode() + "\n"


def _fact(name: str, kind: type[FactData]) -> Schema:
    _, defs = msgspec.json.schema_components((FeedItem, kind), ref_template=_REF)
    item = defs.pop("FeedItem")
    data = defs[name]
    if "required" in data:
        data["required"] = [field for field in data["required"] if field not in FREE_TEXT]
    item["properties"] |= {"type": {"const": name}, "schema": {"const": 1}, "data": {"$ref": f"#/$defs/{name}"}}
    whole: Schema = _head(name) | item | {"title": name, "$defs": defs}
    return whole


def _message(kind: type[msgspec.Struct]) -> Schema:
    name = kind.__name__
    _, defs = msgspec.json.schema_components((kind,), ref_template=_REF)
    message = defs.pop(name)
    whole: Schema = _head(name) | message | ({"$defs": defs} if defs else {})
    return whole


def _head(name: str) -> Schema:
    return {"$schema": DIALECT, "$id": schema_path(name)}
