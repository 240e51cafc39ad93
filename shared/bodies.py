"""Takes a request's body whole: of the right media type, and never more bytes than the limit, whatever it claims."""

from typing import Final

from starlette.requests import Request

from shared.problems import Problem

BODY_LIMIT: Final = 1 << 20  # 1 MiB
JSON: Final = "application/json"


def media_type(request: Request, *allowed: str) -> str:
    """The body's media type, one of `allowed`; raises 415 for another, another charset than UTF-8, or compression."""
    kind, *parameters = (part.strip() for part in request.headers.get("content-type", "").lower().split(";"))
    foreign = [each for each in parameters if each.startswith("charset=") and each[8:].strip('"') != "utf-8"]
    encoding = request.headers.get("content-encoding", "identity").lower()
    if kind not in allowed or foreign or encoding != "identity":
        detail = f"Send the body as {' or '.join(allowed)} in UTF-8, not compressed. Nothing was stored."
        raise Problem(415, "unsupported-media-type", "Unsupported media type", detail)
    return kind


async def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The body's bytes; raises 413 as soon as more than `limit` are announced or have arrived."""
    claimed = request.headers.get("content-length", "")
    if claimed.isdigit() and int(claimed[:20]) > limit:
        raise too_large(limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The bytes of a JSON body; raises 415 and 413."""
    media_type(request, JSON)
    return await read_body(request, limit)


def too_large(limit: int) -> Problem:
    """413; `limit` is in bytes."""
    detail = f"The body may have at most {limit} bytes. Nothing was stored. Send less at once."
    return Problem(413, "too-large", "The body is too large", detail)
