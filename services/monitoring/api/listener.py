"""One listener of the stream: where it resumes, what it wants to hear, and the text that goes to it."""

import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from services.monitoring.api.tail import Forgotten, Tail, Told
from services.monitoring.store.progress import StreamHead

KEEP_ALIVE: Final = 15.0  # seconds (docs/contract.md §3.6)
AT_ONCE: Final = 64
"""Announcements that wait in the server for one listener: one that takes nothing costs no more than these."""
_POSITION = re.compile(r"([a-z0-9]{1,32})-([0-9]{1,18})")
Reason = Literal["expired", "other-stream", "ahead"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listener wants to hear; empty = everything."""

    requirement: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()

    def wants(self, told: Told) -> bool:
        return (
            (not self.requirement or told.requirement in self.requirement)
            and (not self.site or told.site in self.site)
            and (not self.treatment or told.treatment in self.treatment)
            and (not self.kind or told.kind in self.kind)
        )


async def listen(
    tail: Tail, wanted: Wanted, resume_after: str | None, keep_alive: float = KEEP_ALIVE
) -> AsyncGenerator[bytes]:
    """Frames for one listener, until the service ends: hello, what it missed, what happens, signs of life."""
    at, refused = await _begin(tail, resume_after)
    yield b"retry: 2000\n\n"
    yield _reset(at, refused) if refused else _hello(at, tail)
    spoken = time.monotonic()
    while True:
        try:
            page = await tail.after(at.n, max(0.0, spoken + keep_alive - time.monotonic()))
        except Forgotten:
            at = tail.head
            yield _reset(at, "expired")
            continue
        if tail.hanging_up:
            # What this page holds is asked for again, with the last id, as soon as the listener is back.
            yield b"retry: 1000\n: this service ends; come back\n\n"
            return
        if tail.head.name != at.name or tail.head.n < at.n:
            reason: Reason = "ahead" if tail.head.name == at.name else "other-stream"
            at = tail.head
            yield _reset(at, reason)
            continue
        wants = [told for told in page if wanted.wants(told)]
        for start in range(0, len(wants), AT_ONCE):
            yield b"".join(_announcement(at.name, told) for told in wants[start : start + AT_ONCE])
            spoken = time.monotonic()
        if page:
            at = StreamHead(at.name, page[-1].n)
        if not wants and time.monotonic() - spoken >= keep_alive:
            yield b": keep-alive\n\n" + _heartbeat(at, tail)
            spoken = time.monotonic()


async def _begin(tail: Tail, resume_after: str | None) -> tuple[StreamHead, Reason | None]:
    """Where to begin, and why not where the listener wanted to."""
    if resume_after is None:
        return tail.head, None
    position = _POSITION.fullmatch(resume_after)
    if position is None or position[1] != tail.head.name:
        return tail.head, "other-stream"
    asked = StreamHead(position[1], int(position[2]))
    if asked.n > tail.head.n:
        return tail.head, "ahead"
    try:
        await tail.after(asked.n, 0)
    except Forgotten:
        return tail.head, "expired"
    return asked, None


def _hello(at: StreamHead, tail: Tail) -> bytes:
    # The id is where this stream goes on from: with a later one, a connection lost at once would skip the rest.
    return _frame("hello", at.position, {"stream_position": at.position, "known_through": tail.known_through})


def _heartbeat(at: StreamHead, tail: Tail) -> bytes:
    """A comment is not seen by a browser's script; an event is, and moves its position past what it filtered out."""
    return _frame("heartbeat", at.position, {"stream_position": at.position, "known_through": tail.known_through})


def _reset(at: StreamHead, reason: Reason) -> bytes:
    return _frame("reset", at.position, {"reason": reason, "stream_position": at.position})


def _announcement(name: str, told: Told) -> bytes:
    return f"event: {told.kind}\nid: {name}-{told.n}\ndata: {told.payload}\n\n".encode()


def _frame(event: str, position: str, data: object) -> bytes:
    return f"event: {event}\nid: {position}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode()
