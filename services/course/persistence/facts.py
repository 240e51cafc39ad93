"""Facts to rows and back: which topics there are, how a fact's JSON is read, what the feed says of a row."""

from typing import Any

import msgspec
from msgspec import Raw

from services.course.domain.logged import LoggedFact
from services.course.domain.moments import instant
from services.course.persistence.codec import Codec
from services.course.persistence.event_log import EventRow
from shared.contracts.v1.facts import FACTS
from shared.contracts.v1.feed import FeedItem
from shared.texts import write_instant

_PREFIX = "coursewatch.course:"
TYPES = {_PREFIX + name: name for name in FACTS}
"""Topic of a row -> fact type; any other topic is refused, and never imported."""

_encode = msgspec.json.Encoder().encode
_raw = msgspec.json.Decoder(LoggedFact[Raw])
_typed = {name: msgspec.json.Decoder(LoggedFact[kind]) for name, kind in FACTS.items()}  # type: ignore[valid-type] # a type looked up at run time


class UnknownTopic(Exception):
    """A row of the log claims to be an event that this service does not know."""


def topic_of(fact_type: str) -> str:
    return _PREFIX + fact_type


def type_of(topic: str) -> str:
    """Raises UnknownTopic."""
    try:
        return TYPES[topic]
    except KeyError:
        raise UnknownTopic("The log holds an event of a type that this version does not know.") from None


def encode(fact: LoggedFact[Any]) -> bytes:
    """The plain JSON that the log keeps."""
    return _encode(fact)


def decode(fact_type: str, plain: bytes) -> LoggedFact[Any]:
    """A logged fact with its data typed."""
    return _typed[fact_type].decode(plain)


class LogEntry(msgspec.Struct, frozen=True):
    """A feed item and the trace it belongs to, for the relay."""

    item: FeedItem
    traceparent: str | None


def entry(row: EventRow, codec: Codec) -> LogEntry:
    """What the feed says of a row; its data are passed on as they are stored."""
    fact = _raw.decode(codec.open(row.state, row.treatment, row.version, row.fact_id))
    item = FeedItem(
        position=row.position,
        fact_id=str(row.fact_id),
        treatment=str(row.treatment),
        version=row.version,
        type=type_of(row.topic),
        schema=fact.schema,
        occurred_at=fact.occurred_at,
        occurred_on=fact.occurred_on,
        zone=fact.zone,
        issued_at=fact.issued_at,
        recorded_at=written(row.recorded_at),
        sender=fact.sender,
        source=fact.source,
        author=fact.author,
        business_id=fact.business_id,
        corrects=fact.corrects,
        data=fact.data,
        traceparent=fact.traceparent or msgspec.UNSET,
    )
    return LogEntry(item, fact.traceparent)


def written(moment: int) -> str:
    """An instant in microseconds as the log and the feed write it."""
    return write_instant(instant(moment))
