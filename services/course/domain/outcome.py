"""What the ledger answered: every instant is an aware UTC datetime."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

Reason = Literal["unknown-treatment", "in-the-future"]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Stored(Struct, frozen=True):
    """The fact is committed; `replayed` when an earlier message with this key and content did it."""

    fact_id: UUID
    treatment: UUID
    version: int
    position: int
    recorded_at: datetime
    replayed: bool = False


class Conflict(Struct, frozen=True):
    """The key was used for other content; `fact_id` is the first's (None while that one is quarantined)."""

    fact_id: UUID | None
    conflict_id: UUID


class Quarantined(Struct, frozen=True):
    """Well-formed but not applicable yet: kept durably, to be driven again."""

    quarantine_id: UUID
    reason: Reason
    replayed: bool = False


Outcome = Stored | Conflict | Quarantined


class Opened(Struct, frozen=True):
    """The treatment of an identifier; `created` tells the first call, `differs` what a later one disagreed on."""

    treatment: UUID
    fact_id: UUID
    version: int
    position: int
    recorded_at: datetime
    created: bool
    differs: tuple[str, ...] = ()
