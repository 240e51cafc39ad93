"""What the store knows of everything that some messages touch, read at once under the append lock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from services.course.domain.decision import Answered, Held, Known, Message
from services.course.domain.moments import instant
from services.course.domain.outcome import Quarantined, Stored
from services.course.domain.submission import Submission
from services.course.persistence import directory
from services.course.persistence.tables import event, message, promise, quarantine, treatment

_COLUMNS = {
    "sender": message.c.sender,
    "key": message.c.key,
    "content_hash": message.c.content_hash,
    "treatment": event.c.treatment,
    "version": event.c.version,
    "position": event.c.position,
    "fact_id": event.c.fact_id,
    "recorded_at": event.c.recorded_at,
    "reason": quarantine.c.reason,
}


def known(connection: Connection, messages: Sequence[Message]) -> Known:
    """One statement: a round trip each would cost more than what they read."""
    keys = list({one.key for one in messages})
    treatments = list({one.treatment for one in messages if one.treatment is not None})
    found = Known({}, {}, {}, position=0, last_recorded_at=0)
    for row in connection.execute(_KNOWN, {"keys": keys, "treatments": treatments}):
        match row.what:
            case "end":
                found.position = row.position
                found.last_recorded_at = max(found.last_recorded_at, row.recorded_at)
            case "promise":
                found.last_recorded_at = max(found.last_recorded_at, row.recorded_at)
            case "version":
                found.versions[row.treatment] = row.version
            case "answer":
                found.answered[row.sender, row.key] = Answered(row.content_hash, _stored(row))
            case _:
                held = Quarantined(row.fact_id, row.reason)
                found.held[row.sender, row.key] = Held(row.content_hash, held)
    return found


def answer_at(connection: Connection, position: int) -> Stored:
    """The answer that the fact at a position got."""
    return _stored(connection.execute(select(event).where(event.c.position == position)).one())


def resolver(connection: Connection, submissions: Iterable[Submission]) -> Callable[[Submission], list[UUID | None]]:
    """Tells whose a submission may be; None, the last, if nobody opened such a treatment or if it can't be told."""
    wanted = {submission.identifier for submission in submissions if submission.identifier is not None}
    treatments = directory.treatments_of(connection, wanted) if wanted else {}

    def resolve(submission: Submission) -> list[UUID | None]:
        if submission.identifier is None:
            return [submission.treatment]
        # A patient on two protocols: whose fact it is can't be told, so it waits for a treatment to be named, unless
        # it came before, when there was only one.
        found = treatments.get(submission.identifier, [])
        return [*found] if len(found) == 1 else [*found, None]

    return resolve


def _stored(row: Row[Any]) -> Stored:
    return Stored(row.fact_id, row.treatment, row.version, row.position, instant(row.recorded_at))


def _part(what: str, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """A select with all the columns of the union; the ones that are not given are null."""
    given = [columns.get(name, cast(null(), like.type)).label(name) for name, like in _COLUMNS.items()]
    return select(cast(literal(what), String).label("what"), *given)


def _end() -> Select[Any]:
    last = select(event.c.position, event.c.recorded_at).order_by(event.c.position.desc()).limit(1).subquery()
    return _part("end", {"position": last.c.position, "recorded_at": last.c.recorded_at})


def _promised() -> Select[Any]:
    return _part("promise", {"recorded_at": promise.c.recorded_through})


def _versions() -> Select[Any]:
    last = select(func.max(event.c.version)).where(event.c.treatment == treatment.c.treatment).scalar_subquery()
    part = _part("version", {"treatment": treatment.c.treatment, "version": last})
    return part.where(treatment.c.treatment.in_(bindparam("treatments", expanding=True)))


def _answers() -> Select[Any]:
    part = _part("answer", {**event.c, **message.c})
    part = part.join_from(message, event, message.c.position == event.c.position)
    return part.where(message.c.key.in_(bindparam("keys", expanding=True)))


def _waiting() -> Select[Any]:
    c = quarantine.c
    part = _part("held", {**c, "fact_id": c.quarantine_id})
    return part.where(c.key.in_(bindparam("keys", expanding=True)), c.position.is_(None))


_KNOWN = union_all(_end(), _promised(), _versions(), _answers(), _waiting())
