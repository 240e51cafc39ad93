"""The use cases of the course service: open a treatment, record facts, re-drive, read back, feed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from services.course.domain.outcome import Opened, Outcome, Reason
from services.course.domain.submission import Identifier, Opening, Submission
from shared.contracts.v1.feed import FeedItem, FeedPage


class StoreUnavailable(Exception):  # noqa: N818 - the word of docs/architecture.md
    """The store did not take it; nothing of the request was stored and it may be sent again."""


class Clock(Protocol):
    def now(self) -> datetime: ...


class Named(Struct, frozen=True):
    """What the directory knows of one treatment."""

    label: str | None
    identifiers: tuple[Identifier, ...]


class QuarantineItem(Struct, frozen=True):
    """One line of the quarantine list; `number` counts them 1.. and is what `after` means; sha256 is of the bytes."""

    number: int
    quarantine_id: UUID
    reason: Reason
    sender: str
    received_at: datetime
    sha256: str
    resolved: bool


class Head(Struct, frozen=True):
    """The end of the log; 0 and None while it is empty."""

    position: int
    recorded_at: datetime | None


class LogEntry(Struct, frozen=True):
    """A feed item and the trace it belongs to, for the relay."""

    item: FeedItem
    traceparent: str | None


class Ledger:
    """The one way into and out of the log; every method may raise StoreUnavailable."""

    @classmethod
    def open(cls, url: str, clock: Clock) -> "Ledger":
        """Migrates and checks the store (one sentence in shared.database.DatabaseError), starts the appender."""
        raise NotImplementedError

    def close(self) -> None:
        """Finishes what was handed in, stops the appender, closes the store; waiting readers return."""
        raise NotImplementedError

    async def open_treatment(self, opening: Opening) -> Opened:
        """Opens it, or answers with the one that stands; quarantined facts of the identifier are re-driven with it."""
        raise NotImplementedError

    async def record(self, submissions: Sequence[Submission]) -> list[Outcome]:
        """One outcome each, in order; they are committed when this returns. One item never fails another."""
        raise NotImplementedError

    async def redrive(self, quarantine_id: UUID) -> Outcome | None:
        """The answer the quarantined message would get now; None if there is no such message."""
        raise NotImplementedError

    async def lookup(self, identifier: Identifier) -> list[UUID]:
        """Treatments of an identifier, on whatever protocol."""
        raise NotImplementedError

    async def labels(self, treatments: Sequence[UUID]) -> dict[UUID, Named]:
        """What the directory knows of these; unknown ones are left out."""
        raise NotImplementedError

    async def events(self, treatment: UUID, after_version: int, limit: int) -> list[FeedItem] | None:
        """A treatment's facts by version; None for a treatment nobody opened."""
        raise NotImplementedError

    async def event(self, treatment: UUID, version: int) -> FeedItem | None:
        raise NotImplementedError

    async def feed(
        self, after: int, limit: int, wait: float = 0.0, treatment: UUID | None = None, after_version: int = 0
    ) -> FeedPage:
        """Facts after a position, or of one treatment after a version; holds an empty answer up to `wait` seconds."""
        raise NotImplementedError

    async def log(self, after: int, limit: int) -> list[LogEntry]:
        """The log after a position, with what only the relay needs."""
        raise NotImplementedError

    async def quarantined(
        self, reason: str | None = None, sender: str | None = None, after: int = 0, limit: int = 100
    ) -> list[QuarantineItem]:
        raise NotImplementedError

    async def head(self) -> Head:
        raise NotImplementedError
