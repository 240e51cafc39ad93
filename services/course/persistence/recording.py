"""What happens inside the append transaction: look up, decide, write. The caller holds the append lock."""

import secrets
from collections.abc import Sequence
from itertools import chain
from uuid import UUID

from sqlalchemy import Connection, insert, select

from services.course.domain.decision import Changes, Message, NewFact, again, decide, meant
from services.course.domain.keys import content_hash, message_key
from services.course.domain.logged import LoggedFact, logged
from services.course.domain.moments import instant, micros, uuid7
from services.course.domain.outcome import Opened, Outcome
from services.course.domain.submission import Opening, Submission
from services.course.persistence import directory, facts, quarantine
from services.course.persistence.codec import Codec
from services.course.persistence.event_log import (
    EventRow,
    LogEnd,
    MessageRow,
    append,
    keep_promise,
    latest_instant,
    log_end,
    row_of,
    write_nothing_new,
)
from services.course.persistence.knowledge import answer_at, known, resolver
from services.course.persistence.tables import conflict
from shared.clock import Clock
from shared.contracts.v1.facts import TreatmentOpened

SOURCE = "urn:coursewatch:course"


def new_id(moment: int) -> UUID:
    """A UUIDv7 of an instant in microseconds."""
    return uuid7(moment, secrets.randbits(62))


class Recording:
    """The ways to change the course database, each within a transaction that holds the append lock."""

    def __init__(self, clock: Clock, codec: Codec) -> None:
        self._clock = clock
        self._codec = codec

    def record(self, connection: Connection, submissions: Sequence[Submission]) -> list[Outcome]:
        """One outcome a submission, in order; duplicates among them meet each other."""
        return self._record(connection, [(submission, None) for submission in submissions])

    def redrive(self, connection: Connection, quarantine_id: UUID) -> Outcome | None:
        """The answer a quarantined message gets now; None if there is none such."""
        held = quarantine.find(connection, quarantine_id)
        if held is None:
            return None
        if held.position is not None:
            return again(answer_at(connection, held.position))
        return self._record(connection, [(held.submission, quarantine_id)])[0]

    def open(self, connection: Connection, opening: Opening) -> Opened:
        """Opens a treatment, or answers with the one that stands.

        Whatever waited in quarantine for its identifier is driven again in the same transaction.
        """
        standing = directory.on_protocol(connection, opening.identifier, opening.protocol)
        if standing is not None:
            return self._already_open(connection, opening, standing)
        end = log_end(connection)
        now = max(micros(self._clock.now()), latest_instant(connection, end) + 1)
        opened = Opened(new_id(now), new_id(now), 1, end.position + 1, instant(now), created=True)
        fact = LoggedFact(
            sender=opening.sender,
            source=SOURCE,
            author=opening.sender,
            data=opening.fact(),
            occurred_at=facts.written(now),
            traceparent=opening.traceparent,
        )
        state = self._codec.seal(facts.encode(fact), opened.treatment, 1, opened.fact_id)
        topic = facts.topic_of(TreatmentOpened.__name__)
        row = EventRow(opened.position, opened.treatment, 1, topic, state, opened.fact_id, now)
        append(connection, [row])
        directory.enter(connection, opening, opened.treatment)
        waiting = quarantine.waiting_for(connection, opening.identifier)
        self._record(connection, [(held.submission, held.quarantine_id) for held in waiting])
        return opened

    def promise(self, connection: Connection) -> LogEnd:
        """The log's end and the present, before which nothing will be recorded any more.

        Without it a reader could not tell a quiet night from a fact that is still on its way.
        """
        end = log_end(connection)
        through = max(micros(self._clock.now()), latest_instant(connection, end))
        keep_promise(connection, through)
        return LogEnd(end.position, through)

    def nothing(self, connection: Connection) -> None:
        """A transaction that changes nothing and has to be written all the same."""
        write_nothing_new(connection)

    def _already_open(self, connection: Connection, opening: Opening, standing: UUID) -> Opened:
        row = row_of(connection, standing, 1)
        if row is None:
            raise LookupError("The directory names a treatment that the log does not have.")
        plain = self._codec.open(row.state, row.treatment, row.version, row.fact_id)
        differs = opening.differs(
            facts.decode(TreatmentOpened.__name__, plain).data, directory.label_of(connection, standing)
        )
        return Opened(standing, row.fact_id, 1, row.position, instant(row.recorded_at), created=False, differs=differs)

    def _record(self, connection: Connection, asked: Sequence[tuple[Submission, UUID | None]]) -> list[Outcome]:
        if not asked:
            return []
        resolve = resolver(connection, [submission for submission, _ in asked])
        readings = [
            [_message(submission, treatment, held_as) for treatment in resolve(submission)]
            for submission, held_as in asked
        ]
        store = known(connection, list(chain.from_iterable(readings)))
        now = micros(self._clock.now())
        outcomes, changes = decide([meant(each, store) for each in readings], store, now, new_id)
        self._write(connection, changes, now)
        return outcomes

    def _write(self, connection: Connection, changes: Changes, now: int) -> None:
        append(connection, list(map(self._row, changes.facts)), list(map(_message_row, changes.facts)))
        quarantine.hold(connection, changes.held, now)
        quarantine.settle(connection, changes.driven)
        for new in changes.conflicts:
            _keep_conflict(connection, new.message, new.conflict.conflict_id, now)

    def _row(self, new: NewFact) -> EventRow:
        stored, submission = new.stored, new.message.submission
        plain = facts.encode(logged(submission))
        state = self._codec.seal(plain, stored.treatment, stored.version, stored.fact_id)
        return EventRow(
            stored.position,
            stored.treatment,
            stored.version,
            facts.topic_of(submission.type),
            state,
            stored.fact_id,
            micros(stored.recorded_at),
        )


def _message(submission: Submission, resolved: UUID | None, held_as: UUID | None) -> Message:
    hashed = content_hash(submission, resolved)
    return Message(submission, resolved, message_key(submission, hashed), hashed, held_as)


def _message_row(new: NewFact) -> MessageRow:
    submission = new.message.submission
    return MessageRow(
        submission.sender, new.message.key, new.message.content_hash, submission.received, new.stored.position
    )


def _keep_conflict(connection: Connection, refused: Message, conflict_id: UUID, now: int) -> None:
    """Records a conflict once, however often it is sent."""
    if connection.execute(select(conflict.c.number).where(conflict.c.conflict_id == conflict_id)).first():
        return
    connection.execute(
        insert(conflict),
        {
            "conflict_id": conflict_id,
            "sender": refused.submission.sender,
            "key": refused.key,
            "content_hash": refused.content_hash,
            "received": refused.submission.received,
            "received_at": now,
        },
    )
