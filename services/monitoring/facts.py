"""Feed item -> the fact that the rules read, or the reason why it can't be read."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from services.monitoring.rules.facts import Fact
from shared.contracts.v1.facts import FACTS, FactData
from shared.contracts.v1.feed import FeedItem

_SCHEMA = 1
_DECODERS: dict[str, msgspec.json.Decoder[FactData]] = {
    name: msgspec.json.Decoder(kind, strict=True) for name, kind in FACTS.items()
}
_ITEM = msgspec.json.Decoder(FeedItem, strict=True)
_IMPRECISE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no fact of ours; `reason` names the field, never its value."""

    reason: str


def read_item(value: bytes) -> FeedItem | Unreadable:
    """The bytes of one feed item, checked down to its data."""
    try:
        item = _ITEM.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Unreadable(f"not a feed item: {_without_values(error)}")
    fact = to_fact(item)
    return fact if isinstance(fact, Unreadable) else item


def to_fact(item: FeedItem) -> Fact | Unreadable:
    """Parse a feed item; an unknown type or schema, or data that doesn't fit its type, gives the reason."""
    decoder = _DECODERS.get(item.type)
    if decoder is None:
        return Unreadable("`type` is none of this version's facts: update the monitoring service, then redrive")
    if item.schema != _SCHEMA:
        return Unreadable(f"`schema` is not {_SCHEMA}: update the monitoring service, then redrive")
    if item.version < 1 or item.position < 1:
        return Unreadable("`version` and `position` count from 1")
    if (item.occurred_at is None) == (item.occurred_on is None):
        return Unreadable("exactly one of `occurred_at` and `occurred_on` must be there")
    if item.occurred_on is not None and not _IMPRECISE.fullmatch(item.occurred_on):
        return Unreadable("`occurred_on` is no date")
    try:
        return Fact(
            fact_id=item.fact_id,
            treatment=item.treatment,
            version=item.version,
            position=item.position,
            data=decoder.decode(item.data),
            occurred_at=None if item.occurred_at is None else _instant(item.occurred_at),
            occurred_on=item.occurred_on,
            zone=item.zone,
            issued_at=None if item.issued_at is None else _instant(item.issued_at),
            recorded_at=_instant(item.recorded_at).astimezone(UTC),
            business_id=item.business_id,
            corrects=item.corrects,
        )
    except msgspec.DecodeError as error:
        return Unreadable(f"`data` doesn't fit its type: {_without_values(error)}")
    except ValueError:
        return Unreadable("an instant is not RFC 3339 with an offset")


def micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exact."""
    delta = instant - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant


def _without_values(error: Exception) -> str:
    """msgspec quotes an invalid enum's value: keep what comes before it and the path after it."""
    return re.sub(r"'[^']*'", "(value left out)", str(error))
