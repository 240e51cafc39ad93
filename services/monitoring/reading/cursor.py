"""The cursor of a page walk: opaque text that pins the question, so that all pages are one snapshot."""

import base64
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from services.monitoring.reading.clocks import Question, instant_text, microseconds, read_known_at
from services.monitoring.reading.filters import Filters, Key
from services.monitoring.store.tables import FOREVER

Moment = Annotated[int, Meta(ge=0, le=FOREVER)]


class Cursor(Struct, frozen=True, omit_defaults=True):
    """What all pages of one walk share, and the row after which the next one begins.

    `now` (microseconds) gives each row its today where `on` was not asked; a fact recorded after `ceiling`
    (microseconds) came too late for this walk.
    """

    filters: Filters
    now: Moment
    ceiling: Moment
    edition_sha256: str
    stream_position: str
    total: int
    last: Key
    on: date | None = None
    known_at: str | None = None

    @property
    def question(self) -> Question:
        return Question(self.on, None if self.known_at is None else read_known_at(self.known_at))


class BrokenCursor(Exception):
    """Text that no list of ours gave."""


_DECODER = msgspec.json.Decoder(Cursor)


def known_at_text(known_at: datetime | date | None) -> str | None:
    """As the cursor keeps it: a date as written, an instant in UTC."""
    if isinstance(known_at, datetime):
        return instant_text(microseconds(known_at))
    return None if known_at is None else known_at.isoformat()


def write_cursor(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def read_cursor(text: str) -> Cursor:
    """Raises BrokenCursor."""
    try:
        written = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = _DECODER.decode(written)
        _ = cursor.question, instant_text(cursor.now)
    except (ValueError, OverflowError, msgspec.DecodeError):
        raise BrokenCursor from None
    # PostgreSQL holds no NUL in text.
    if b"\\u0000" in written or isinstance(cursor.last.value, str) != (cursor.filters.sort == "site"):
        raise BrokenCursor
    return cursor
