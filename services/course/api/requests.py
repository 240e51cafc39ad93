"""The parts of a request that are not its body, read strictly: path, query, sender, key."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from starlette.requests import Request

from services.course.application import Ledger
from services.course.ingest.facts import KEY_POINTER, Envelope
from shared.bodies import read_json
from shared.problems import FieldError, Problem, invalid_query
from shared.strict_json import InvalidJson, decode, unreadable
from shared.telemetry import traceparent
from shared.texts import NotReadable, read_uuid

T = TypeVar("T")
Body = TypeVar("Body", bound=Struct)
_SENDER = re.compile(r"[a-z0-9-]{1,64}")
_WHOLE = re.compile(r"[0-9]{1,16}")
_SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?")
MAX_PAGE = 10_000
LARGE = 32_768  # bytes; the slowest reader takes 0.05 s for as many
Reader = Callable[[str], object]


def ledger(request: Request) -> Ledger:
    """The ledger that the application opened at its start."""
    found: Ledger = request.app.state.ledger
    return found


def envelope(request: Request, *, with_key: bool = True) -> Envelope:
    """Sender, key and trace of the headers; raises InvalidJson for a wrong one, as for a field of the body."""
    sender, *others = request.headers.getlist("Coursewatch-Sender") or ["local"]
    if others or not _SENDER.fullmatch(sender):
        message = "must stand once and have 1 to 64 of a-z, 0-9 and -"
        raise InvalidJson([FieldError("/header/Coursewatch-Sender", message)])
    key = _key(request) if with_key else None
    return Envelope(sender, key, traceparent.get())


def _key(request: Request) -> str | None:
    given = request.headers.getlist("Idempotency-Key")
    if not given:
        return None
    try:
        # Headers arrive as Latin-1; a message_id is UTF-8.
        key = given[0].encode("latin-1").decode()
    except UnicodeDecodeError:
        raise InvalidJson([FieldError(KEY_POINTER, "must be UTF-8")]) from None
    if len(given) > 1 or not 1 <= len(key) <= 4096:
        raise InvalidJson([FieldError(KEY_POINTER, "must stand once and have 1 to 4096 characters")])
    return key


async def reading(body: bytes, read: Callable[[], T]) -> T:
    """What `read` makes of a body; beside the event loop where a hostile one could hold up all others."""
    return read() if len(body) <= LARGE else await asyncio.to_thread(read)


async def question(request: Request, kind: type[Body]) -> Body:
    """The body of a request that stores no fact; 422 says so."""
    body = await read_json(request)
    try:
        return await reading(body, lambda: decode(body, kind))
    except InvalidJson as error:
        raise unreadable(error) from None


def path_treatment(request: Request) -> UUID:
    """The treatment of the path; raises NotReadable."""
    return read_uuid(request.path_params["treatment"])


def asked_treatment(request: Request) -> UUID:
    """The treatment of a question's path; 422 if it is no UUID."""
    try:
        return path_treatment(request)
    except NotReadable as error:
        raise invalid_query([FieldError("/path/treatment", str(error))]) from None


def query(request: Request, **readers: Reader) -> dict[str, object]:
    """The query's parameters, each given at most once; 422 for unknown, repeated or unreadable ones."""
    errors: list[FieldError] = []
    found: dict[str, object] = {}
    for name in request.query_params:
        pointer = f"/query/{name}" if re.fullmatch(r"[A-Za-z0-9_]{1,64}", name) else "/query"
        reader = readers.get(name)
        values = request.query_params.getlist(name)
        if reader is None:
            errors.append(FieldError(pointer, "is not a parameter that is known here"))
        elif len(values) > 1:
            errors.append(FieldError(pointer, "may stand only once"))
        else:
            try:
                found[name] = reader(values[0])
            except NotReadable as error:
                errors.append(FieldError(pointer, str(error)))
    if errors:
        raise invalid_query(errors)
    return found


def number(least: int, most: int = 10**15) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise NotReadable(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def seconds(text: str) -> float:
    """A reader of seconds, 0 to 30."""
    if not _SECONDS.fullmatch(text) or float(text) > 30:
        raise NotReadable("must be seconds from 0 to 30")
    return float(text)


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """A reader of one of a few words; any other is refused, so that a slip of the pen never reads as "none"."""

    def read(text: str) -> str:
        if text not in words:
            raise NotReadable("must be one of: " + ", ".join(words))
        return text

    return read


def sender_name(text: str) -> str:
    """A reader of a sender's name."""
    if not _SENDER.fullmatch(text):
        raise NotReadable("must be 1 to 64 of a-z, 0-9 and -")
    return text


def no_query(request: Request) -> None:
    """422 if there is any query parameter."""
    query(request)


def not_stored(errors: list[FieldError]) -> Problem:
    """422 for a fact (or an opening) whose fields are wrong."""
    if len(errors) == 1:
        detail = "1 field is wrong. Mend it and send again; the same message_id may be used."
    else:
        detail = f"{len(errors)} fields are wrong. Mend them and send again; the same message_id may be used."
    return Problem(422, "invalid-fact", "The fact was not stored", detail, errors)
