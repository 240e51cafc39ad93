"""What becomes of messages that arrive: stored, a duplicate, a conflict, or held until they can be applied.

A pure function, called under the append lock with what the store knows at that moment, so that its answer still
holds when it is committed (docs/contract.md §1.2).
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from uuid import UUID

from msgspec import Struct, field

from services.course.domain.moments import DAY, day_begins, instant, micros
from services.course.domain.outcome import Conflict, Outcome, Quarantined, Reason, Stored
from services.course.domain.submission import Submission
from shared.texts import read_instant

Key = tuple[str, bytes]
"""Sender and message key: what makes two messages the same."""


class Message(Struct, frozen=True):
    """A submission with its treatment looked up (None: nobody opened one) and its key and content hash made.

    `held_as` names the quarantined message that is being driven again.
    """

    submission: Submission
    treatment: UUID | None
    key: bytes
    content_hash: bytes
    held_as: UUID | None = None

    @property
    def idempotency(self) -> Key:
        return (self.submission.sender, self.key)


class Answered(Struct, frozen=True):
    """An earlier message of this key and the answer it got."""

    content_hash: bytes
    stored: Stored


class Held(Struct, frozen=True):
    """An earlier message of this key that is still in quarantine."""

    content_hash: bytes
    quarantined: Quarantined


class Known(Struct):
    """What the store holds of everything these messages touch; `last_recorded_at` in microseconds, 0 if empty."""

    versions: dict[UUID, int]  # of the treatments that are open
    answered: dict[Key, Answered]
    held: dict[Key, Held]
    position: int
    last_recorded_at: int

    def has(self, message: Message) -> bool:
        """Whether this very message, key and content, came before."""
        earlier = (self.answered.get(message.idempotency), self.held.get(message.idempotency))
        return any(one is not None and one.content_hash == message.content_hash for one in earlier)


class NewFact(Struct, frozen=True):
    message: Message
    stored: Stored


class NewHeld(Struct, frozen=True):
    message: Message
    quarantined: Quarantined


class NewConflict(Struct, frozen=True):
    message: Message
    conflict: Conflict


class Changes(Struct):
    """What must be written, all of it or nothing, for the outcomes to be true."""

    facts: list[NewFact] = field(default_factory=list)
    held: list[NewHeld] = field(default_factory=list)
    conflicts: list[NewConflict] = field(default_factory=list)
    driven: list[tuple[Message, Outcome]] = field(default_factory=list)  # what became of held messages


def meant(readings: Sequence[Message], known: Known) -> Message:
    """Of the ways to read one message the way in which it came before; the last where it is new.

    A patient may get a second treatment between a message and its replay, which still names the patient alone.
    """
    return next((reading for reading in readings if known.has(reading)), readings[-1])


def decide(
    messages: Sequence[Message], known: Known, now: int, new_id: Callable[[int], UUID]
) -> tuple[list[Outcome], Changes]:
    """One outcome a message, in order. `known` moves along, so that later messages meet the earlier ones.

    `now` is in microseconds; `new_id` makes an id of an instant.
    """
    changes = Changes()
    outcomes = [_decide(message, known, changes, now, new_id) for message in messages]
    return outcomes, changes


def _decide(message: Message, known: Known, changes: Changes, now: int, new_id: Callable[[int], UUID]) -> Outcome:
    outcome = _earlier(message, known, changes)
    if outcome is None and (reason := _obstacle(message, known, now)):
        outcome = _hold(message, reason, known, changes, now, new_id)
    if outcome is None:
        outcome = _append(message, known, changes, now, new_id)
    if message.held_as is not None:
        changes.driven.append((message, outcome))
    return outcome


def _earlier(message: Message, known: Known, changes: Changes) -> Outcome | None:
    answered = known.answered.get(message.idempotency)
    if answered is not None:
        if answered.content_hash == message.content_hash:
            return again(answered.stored)
        return _conflict(message, answered.stored.fact_id, changes)
    held = known.held.get(message.idempotency)
    if held is None or held.quarantined.quarantine_id == message.held_as:
        return None
    if held.content_hash == message.content_hash:
        return Quarantined(held.quarantined.quarantine_id, held.quarantined.reason, replayed=True)
    return _conflict(message, None, changes)


def again(stored: Stored) -> Stored:
    """The original answer, marked as a replay."""
    return Stored(stored.fact_id, stored.treatment, stored.version, stored.position, stored.recorded_at, replayed=True)


def _obstacle(message: Message, known: Known, now: int) -> Reason | None:
    if message.treatment is None or message.treatment not in known.versions:
        return "unknown-treatment"
    if _happens(message.submission) > now + DAY:
        return "in-the-future"
    return None


def _happens(submission: Submission) -> int:
    if submission.occurred_at is not None:
        return micros(read_instant(submission.occurred_at))
    return day_begins(submission.occurred_on or "")


def _conflict(message: Message, fact_id: UUID | None, changes: Changes) -> Conflict:
    # The id follows from the message, so the same conflict sent again is the same record.
    what = "\0".join((message.submission.sender, message.key.hex(), message.content_hash.hex()))
    conflict = Conflict(fact_id, UUID(bytes=sha256(what.encode()).digest()[:16], version=5))
    changes.conflicts.append(NewConflict(message, conflict))
    return conflict


def _hold(
    message: Message, reason: Reason, known: Known, changes: Changes, now: int, new_id: Callable[[int], UUID]
) -> Quarantined:
    if message.held_as is not None:
        return Quarantined(message.held_as, reason, replayed=True)
    quarantined = Quarantined(new_id(now), reason)
    changes.held.append(NewHeld(message, quarantined))
    known.held[message.idempotency] = Held(message.content_hash, quarantined)
    return quarantined


def _append(message: Message, known: Known, changes: Changes, now: int, new_id: Callable[[int], UUID]) -> Stored:
    assert message.treatment is not None  # noqa: S101 -- _obstacle has seen to it
    known.position += 1
    known.last_recorded_at = max(now, known.last_recorded_at + 1)
    known.versions[message.treatment] += 1
    stored = Stored(
        new_id(known.last_recorded_at),
        message.treatment,
        known.versions[message.treatment],
        known.position,
        instant(known.last_recorded_at),
    )
    changes.facts.append(NewFact(message, stored))
    known.answered[message.idempotency] = Answered(message.content_hash, stored)
    return stored
