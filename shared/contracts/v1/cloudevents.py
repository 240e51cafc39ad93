"""A recorded fact, or a watermark, as a CloudEvents 1.0 message in Kafka's binary mode (docs/contract.md §2)."""

from typing import NamedTuple

import msgspec

from shared.contracts.v1.facts import FREE_TEXT
from shared.contracts.v1.feed import FeedItem, Watermark

TOPIC = "coursewatch.course.events.v1"
PARTITIONS = 12
WATERMARK_TYPE = "org.coursewatch.course.watermark.v1"
_canonical = msgspec.json.Encoder(order="sorted")

Headers = list[tuple[str, bytes]]


class Message(NamedTuple):
    """Key (None for a watermark), canonical JSON, headers in UTF-8."""

    key: bytes | None
    value: bytes
    headers: Headers


def fact_type(name: str) -> str:
    """The CloudEvents type of a fact type."""
    return f"org.coursewatch.course.{name}.v1"


def schema_path(name: str) -> str:
    """Where the JSON Schema of a fact type's value lies; also its `$id`."""
    return f"/schemas/v1/{name}.json"


def fact_message(item: FeedItem, traceparent: str | None = None) -> Message:
    """The fact without its free text; `ce_time` is the recording, the clinical time is in the value."""
    headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", item.fact_id),
        ("ce_type", fact_type(item.type)),
        ("ce_source", "/course"),
        ("ce_subject", item.treatment),
        ("ce_time", item.recorded_at),
        ("ce_partitionkey", item.treatment),
        ("ce_sequence", str(item.version)),
        ("ce_position", str(item.position)),
        ("ce_dataschema", schema_path(item.type)),
        ("content-type", "application/json"),
    ]
    if traceparent is not None:
        headers.append(("traceparent", traceparent))
    return Message(item.treatment.encode("ascii"), value_of(item), _utf8(headers))


def watermark_message(mark: Watermark) -> Message:
    """Tells one partition that nothing more was recorded up to an instant; its id is the position it speaks of."""
    headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", f"watermark-{mark.position}-{mark.recorded_through}"),
        ("ce_type", WATERMARK_TYPE),
        ("ce_source", "/course"),
        ("ce_time", mark.recorded_through),
        ("content-type", "application/json"),
    ]
    return Message(None, _canonical.encode(mark), _utf8(headers))


def value_of(item: FeedItem) -> bytes:
    """The feed item less free text, as canonical JSON (sorted keys, no spaces)."""
    said = {name: value for name, value in msgspec.json.decode(item.data).items() if name not in FREE_TEXT}
    return _canonical.encode(msgspec.structs.replace(item, data=msgspec.Raw(_canonical.encode(said))))


def _utf8(headers: list[tuple[str, str]]) -> Headers:
    return [(name, text.encode()) for name, text in headers]
