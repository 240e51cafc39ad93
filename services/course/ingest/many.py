"""The bytes of `POST /v1/events` -> its items, still as bytes: a JSON array or NDJSON (docs/contract.md §1.3)."""

import msgspec

from shared.bodies import BODY_LIMIT
from shared.json_scanner import MalformedJson, scan
from shared.problems import FieldError
from shared.strict_json import InvalidJson

BULK_LIMIT = 32 << 20  # 32 MiB
ITEM_LIMIT = BODY_LIMIT
MAX_ITEMS = 10_000


class TooManyItems(Exception):
    """More than MAX_ITEMS."""


def split_array(body: bytes) -> list[bytes]:
    """The items of an array, each as it was received.

    Raises MalformedJson if the array can't be split, InvalidJson if it is JSON but no array. An item in itself may
    still be broken.
    """
    try:
        items = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        scan(body)
        raise InvalidJson([FieldError("", "must be a list of facts")]) from None
    if len(items) > MAX_ITEMS:
        raise TooManyItems
    return [bytes(item) for item in items]


def split_lines(body: bytes) -> list[bytes]:
    """The lines that hold something; an empty line is no item."""
    lines = [stripped for line in body.split(b"\n") if (stripped := line.strip(b" \t\r"))]
    if len(lines) > MAX_ITEMS:
        raise TooManyItems
    return lines


def within(index: int, error: MalformedJson) -> MalformedJson:
    """The same mistake, placed within an item of the array."""
    return MalformedJson(f"/{index}{error.pointer}", error.message)
