"""The event classes of the log, one a fact type, and the mapper between them and the rows (eventsourcing).

Class versions start at 1 and stand in the stored JSON as `schema`; a class of version n brings `upcast_v1_v2` … as
static methods that change the decoded JSON in place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, StoredEvent

from services.course.domain.logged import LoggedFact
from services.course.persistence import facts
from services.course.persistence.codec import Codec, PlainCodec
from shared.contracts.v1.facts import FACTS


@dataclass(frozen=True, slots=True)
class FactRecorded:
    """A fact as the log has it: `originator_id` is the treatment."""

    TOPIC: ClassVar[str]
    class_version: ClassVar[int] = 1

    originator_id: UUID
    originator_version: int
    fact_id: UUID
    recorded_at: datetime
    fact: LoggedFact[Any]


def _event_class(fact_type: str) -> type[FactRecorded]:
    return type(fact_type, (FactRecorded,), {"__slots__": (), "TOPIC": facts.topic_of(fact_type)})


EVENTS = {kind.TOPIC: kind for kind in map(_event_class, FACTS)}
"""Topic -> event class: the only ones that a row may name."""


@dataclass(frozen=True, eq=False)
class RecordedEvent(StoredEvent):
    """A stored event with what the log assigned to it; equal to the event that was stored."""

    fact_id: UUID
    recorded_at: datetime

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredEvent) and _stored(self) == _stored(other)

    def __hash__(self) -> int:
        return hash(_stored(self))


def _stored(event: StoredEvent) -> tuple[UUID | str, int, str, bytes]:
    return (event.originator_id, event.originator_version, event.topic, event.state)


class _Schema(msgspec.Struct):
    schema: int = 1


_schema = msgspec.json.Decoder(_Schema)


class FactMapper(Mapper[UUID]):
    """Typed: the JSON becomes the struct that the topic names, without a detour over dictionaries.

    It imports nothing that a row names: an unknown topic raises facts.UnknownTopic.
    """

    def __init__(self, codec: Codec | None = None, events: dict[str, type[FactRecorded]] | None = None) -> None:
        self._codec = codec or PlainCodec()
        self._events = events or EVENTS

    def to_stored_event(self, domain_event: Any) -> RecordedEvent:
        """The row of a FactRecorded."""
        event: FactRecorded = domain_event
        sealed = self._codec.seal(
            facts.encode(event.fact), event.originator_id, event.originator_version, event.fact_id
        )
        return RecordedEvent(
            event.originator_id, event.originator_version, event.TOPIC, sealed, event.fact_id, event.recorded_at
        )

    def to_domain_event(self, stored_event: StoredEvent) -> FactRecorded:
        """The FactRecorded of a row that the recorder read."""
        if not isinstance(stored_event, RecordedEvent) or not isinstance(stored_event.originator_id, UUID):
            raise TypeError("Only rows read from the course log can be mapped.")
        kind = self._events.get(stored_event.topic)
        if kind is None:
            raise facts.UnknownTopic("The log holds an event of a type that this version does not know.")
        named = (stored_event.originator_id, stored_event.originator_version, stored_event.fact_id)
        fact = _read(kind, self._codec.open(stored_event.state, *named))
        return kind(*named, stored_event.recorded_at, fact)


def _read(kind: type[FactRecorded], plain: bytes) -> LoggedFact[Any]:
    fact_type = kind.__name__
    if kind.class_version == 1 or (stored := _schema.decode(plain).schema) == kind.class_version:
        return facts.decode(fact_type, plain)
    state = msgspec.json.decode(plain)
    for version in range(stored, kind.class_version):
        getattr(kind, f"upcast_v{version}_v{version + 1}")(state)
    state["schema"] = kind.class_version
    return facts.decode(fact_type, msgspec.json.encode(state))
