"""Messages that can't be applied yet: held durably, listed, and turned back into submissions."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Raw, Struct
from sqlalchemy import Connection, Row, insert, select, update

from services.course.domain.decision import Message, NewHeld
from services.course.domain.logged import logged
from services.course.domain.moments import instant
from services.course.domain.outcome import Outcome, Quarantined, Stored
from services.course.domain.submission import Identifier, Submission
from services.course.persistence import facts
from services.course.persistence.tables import quarantine


class _Held(Struct, frozen=True, omit_defaults=True):
    """A submission but for what stands in columns of its own: sender, received, identifier."""

    type: str
    fact: Raw
    treatment: UUID | None = None
    key: str | None = None


class HeldMessage(NamedTuple):
    """A quarantined message; `position` is that of its fact once it was stored."""

    quarantine_id: UUID
    position: int | None
    submission: Submission


class QuarantineItem(Struct, frozen=True):
    """One line of the quarantine list; `number` counts them 1.. and is what `after` means; sha256 is of the bytes."""

    number: int
    quarantine_id: UUID
    reason: str
    sender: str
    received_at: datetime
    sha256: str
    resolved: bool


_decode = msgspec.json.Decoder(_Held).decode
_encode = msgspec.json.Encoder().encode


def hold(connection: Connection, held: Sequence[NewHeld], now: int) -> None:
    """Keeps messages that were just decided to wait."""
    if held:
        connection.execute(insert(quarantine), [_row(new, now) for new in held])


def _row(new: NewHeld, now: int) -> dict[str, Any]:
    submission = new.message.submission
    identifier = submission.identifier
    fact = Raw(facts.encode(logged(submission)))
    return {
        "quarantine_id": new.quarantined.quarantine_id,
        "sender": submission.sender,
        "key": new.message.key,
        "content_hash": new.message.content_hash,
        "received": submission.received,
        "received_at": now,
        "reason": new.quarantined.reason,
        "held": _encode(_Held(submission.type, fact, submission.treatment, submission.key)),
        "system": identifier.system if identifier else None,
        "value": identifier.value if identifier else None,
    }


def settle(connection: Connection, driven: Sequence[tuple[Message, Outcome]]) -> None:
    """Notes what became of messages that were driven again.

    One that still waits may have got its treatment, and with it the key and content that a replay now has.
    """
    for message, outcome in driven:
        row = update(quarantine).where(quarantine.c.quarantine_id == message.held_as)
        if isinstance(outcome, Stored):
            connection.execute(row.values(position=outcome.position))
        elif isinstance(outcome, Quarantined):
            now = {"reason": outcome.reason, "key": message.key, "content_hash": message.content_hash}
            connection.execute(row.values(**now))


def find(connection: Connection, quarantine_id: UUID) -> HeldMessage | None:
    row = connection.execute(select(quarantine).where(quarantine.c.quarantine_id == quarantine_id)).first()
    return None if row is None else _release(row)


def waiting_for(connection: Connection, identifier: Identifier) -> list[HeldMessage]:
    """Unresolved messages that name an identifier, in the order they came."""
    c = quarantine.c
    mine = select(quarantine).where(c.system == identifier.system, c.value == identifier.value, c.position.is_(None))
    return [_release(row) for row in connection.execute(mine.order_by(c.number))]


def _release(row: Row[Any]) -> HeldMessage:
    held = _decode(row.held)
    fact = facts.decode(held.type, bytes(held.fact))
    said = {name: getattr(fact, name) for name in fact.__struct_fields__ if name != "schema"}
    identifier = Identifier(row.system, row.value) if row.system is not None else None
    submission = Submission(
        received=row.received, treatment=held.treatment, identifier=identifier, key=held.key, **said
    )
    return HeldMessage(row.quarantine_id, row.position, submission)


def page(
    connection: Connection, reason: str | None, sender: str | None, after: int, limit: int
) -> list[QuarantineItem]:
    """The list, oldest first, resolved ones included."""
    c = quarantine.c
    query = select(c.number, c.quarantine_id, c.reason, c.sender, c.received_at, c.received, c.position)
    query = query.where(c.number > after).order_by(c.number).limit(limit)
    if reason is not None:
        query = query.where(c.reason == reason)
    if sender is not None:
        query = query.where(c.sender == sender)
    return [
        QuarantineItem(
            number=row.number,
            quarantine_id=row.quarantine_id,
            reason=row.reason,
            sender=row.sender,
            received_at=instant(row.received_at),
            sha256=sha256(row.received).hexdigest(),
            resolved=row.position is not None,
        )
        for row in connection.execute(query)
    ]
