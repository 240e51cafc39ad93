"""What else may lie in a topic: junk, lies and things of tomorrow, made of a real fact's bytes."""

import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

BIG = 10_000_000
"""Bytes of the largest message."""
_WATERMARK = ("ce_type", b"org.coursewatch.course.watermark.v1")
Headers = list[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Poison:
    """One record, and where it has to end: set aside as a dead letter, or parked with its treatment."""

    kind: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    ends: Literal["letter", "parked"] = "letter"


class BadName(str):
    """A header's name that is no UTF-8 on the wire; clients in other languages can send such names."""

    def encode(self, *_: object) -> bytes:  # type: ignore[override]
        return b"\xff\xfe" + self[2:].encode("latin-1")


Make = Callable[[dict[str, Any], random.Random], Poison]


def _bytes(kind: str, value: bytes | None, key: bytes | None, headers: Headers | None = None) -> Poison:
    return Poison(kind, key, value, headers or [])


def _changed(kind: str, **fields: object) -> Make:
    """The fact with other fields."""
    return lambda item, _: _bytes(kind, _json({**item, **fields}), _key(item))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _key(item: dict[str, Any]) -> bytes:
    return str(item["treatment"]).encode()


def _watermark(kind: str, through: object) -> Make:
    return lambda item, _: _bytes(kind, _json({"position": 1, "recorded_through": through}), None, [_WATERMARK])


def _fork(item: dict[str, Any], draw: random.Random) -> Poison:
    other = {**item, "fact_id": str(uuid.UUID(int=draw.getrandbits(128), version=4))}
    return Poison("another fact at a version that is there", _key(item), _json(other), [], "parked")


def _stray(item: dict[str, Any], draw: random.Random) -> Poison:
    other = {**item, "treatment": str(uuid.UUID(int=draw.getrandbits(128), version=4)), "version": 3}
    return Poison("a fact of a treatment nobody opened", _key(other), _json(other), [], "parked")


KINDS: dict[str, Make] = {
    "random bytes": lambda item, draw: _bytes("random bytes", draw.randbytes(draw.randrange(1, 2000)), _key(item)),
    "random bytes, no key": lambda item, draw: _bytes("random bytes, no key", draw.randbytes(40), None),
    "an empty value": lambda item, _: _bytes("an empty value", b"", _key(item)),
    "a tombstone": lambda item, _: _bytes("a tombstone", None, _key(item)),
    "another shape": lambda item, _: _bytes("another shape", b'{"hello":"world"}', _key(item)),
    "cut off": lambda item, draw: _bytes("cut off", _json(item)[: draw.randrange(5, 200)], _key(item)),
    "a wrong type of a field": _changed("a wrong type of a field", version="seven"),
    "data of another type": _changed("data of another type", type="InfusionAdministered", data={"dose_mg": "12"}),
    "an unknown type": _changed("an unknown type", type="MoonPhaseRecorded"),
    "a schema of tomorrow": _changed("a schema of tomorrow", schema=2),
    "a version beyond a column": _changed("a version beyond a column", version=2**40),
    "a position beyond a column": _changed("a position beyond a column", position=2**70, version=2**20),
    "a NUL in an id": _changed("a NUL in an id", fact_id="a\0b", version=2**20),
    "an id as long as a book": _changed("an id as long as a book", fact_id="7" * 100_000, version=2**20),
    "an instant before the calendar": _changed(
        "an instant before the calendar", recorded_at="0001-01-01T00:00:00+14:00"
    ),
    "an instant after the calendar": _changed("an instant after the calendar", recorded_at="9999-12-31T23:59:59.9Z"),
    "a nest of brackets": lambda item, _: _bytes(
        "a nest of brackets", _json(item)[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", _key(item)
    ),
    "the key of another": lambda item, draw: _bytes(
        "the key of another", _json(item), str(uuid.UUID(int=draw.getrandbits(128), version=4)).encode()
    ),
    "no key": lambda item, _: _bytes("no key", _json(item), None),
    "a header that is no text": lambda item, _: _bytes(
        "a header that is no text", b"junk", _key(item), [("ce_type", b"\xff\xfe")]
    ),
    "a header's name that is no text": lambda item, _: _bytes(
        "a header's name that is no text", b"junk", _key(item), [(BadName("ce_type"), b"1")]
    ),
    "a thousand headers": lambda item, draw: _bytes(
        "a thousand headers", b"junk", _key(item), [(f"h{n}", draw.randbytes(20)) for n in range(1000)]
    ),
    "a watermark of junk": lambda item, draw: _bytes("a watermark of junk", draw.randbytes(30), None, [_WATERMARK]),
    "a watermark without an instant": _watermark("a watermark without an instant", "soon"),
    "a watermark of the year 9999": _watermark("a watermark of the year 9999", "9999-12-31T23:59:59.999999Z"),
    "ten megabytes": lambda item, draw: _bytes("ten megabytes", draw.randbytes(BIG), _key(item)),
    "another fact at a version that is there": _fork,
    "a fact of a treatment nobody opened": _stray,
}
RARE = {"ten megabytes": 4, "another fact at a version that is there": 8, "a fact of a treatment nobody opened": 8}
"""How many of these there are at most: each costs megabytes, or an operator's command."""


def mixture(number: int, draw: random.Random) -> list[str]:
    """Names of kinds, each at least once if there is room for it, in any order."""
    usual = [name for name in KINDS if name not in RARE]
    chosen = list(RARE) + usual[: max(0, number - len(RARE))]
    left = {name: most - 1 for name, most in RARE.items()}
    while len(chosen) < number:
        name = draw.choice([*usual, *RARE])
        if name in RARE:
            if not left[name] or number < 100:
                continue
            left[name] -= 1
        chosen.append(name)
    draw.shuffle(chosen)
    return chosen[:number]
