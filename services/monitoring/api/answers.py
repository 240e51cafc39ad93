"""Answers on the wire: JSON, an ETag of what they say, and 304 for a reader who has it already."""

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.reading.clocks import Clocks

_ENCODER = msgspec.json.Encoder()


class Answer(Protocol):
    """A struct that carries its clocks."""

    @property
    def clocks(self) -> Clocks: ...


def respond(request: Request, answer: Answer, headers: Mapping[str, str] | None = None) -> Response:
    """200 with the answer, or 304 if its ETag is one of If-None-Match."""
    tag = etag(answer)
    said = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept", **(headers or {})}
    if answer.clocks.known_through:
        # A reader who gets a 304 still learns how fresh what it holds is.
        said["Coursewatch-Known-Through"] = answer.clocks.known_through
    if matches(request, tag):
        return Response(status_code=304, headers=said)
    return Response(_ENCODER.encode(answer), headers=said, media_type="application/json")


def etag(answer: Answer) -> str:
    """A weak ETag: equal for answers that say the same of the treatments, although time has passed between them."""
    said: dict[str, Any] = msgspec.structs.asdict(answer)  # type: ignore[arg-type] # every Answer is a Struct
    clocks = answer.clocks
    said["clocks"] = (clocks.on, clocks.edition_sha256, clocks.profile)
    if "next_cursor" in said:
        # The cursor holds instants; the page it continues is the same.
        said["next_cursor"] = said["next_cursor"] is not None
    return weak(_ENCODER.encode(said))


def weak(content: bytes) -> str:
    return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


def matches(request: Request, tag: str) -> bool:
    """Whether If-None-Match names this tag, weakly compared (RFC 9110 §13.1.2)."""
    given = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    return "*" in given or tag.removeprefix("W/") in {part.removeprefix("W/") for part in given}
