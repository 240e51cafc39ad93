"""Feed item -> the fact that the rules read, or the reason why it can't be read."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec

from services.monitoring.rules.facts import Fact
from shared.contracts.v1.facts import FACTS, FREE_TEXT, FactData
from shared.contracts.v1.feed import FeedItem

_SCHEMA = 1
_DECODERS: dict[str, msgspec.json.Decoder[FactData]] = {
    name: msgspec.json.Decoder(kind, strict=True) for name, kind in FACTS.items()
}
_ITEM = msgspec.json.Decoder(FeedItem, strict=True)
_IMPRECISE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_ID = re.compile(r"[!-~]{1,64}")
_LAST_VERSION = 2**31 - 1
_LAST_POSITION = 2**63 - 1
_YEARS = range(1900, 9999)  # docs/contract.md §0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no fact of ours; `reason` names the field, never its value."""

    reason: str


def read_item(value: bytes) -> FeedItem | Unreadable:
    """The bytes of one feed item, checked down to its data."""
    item = _decoded(value)
    fact = item if isinstance(item, Unreadable) else to_fact(item)
    return fact if isinstance(fact, Unreadable) else item


def read_fact(value: bytes) -> Fact | Unreadable:
    """The fact that the bytes of one feed item carry."""
    item = _decoded(value)
    return item if isinstance(item, Unreadable) else to_fact(item)


def _decoded(value: bytes) -> FeedItem | Unreadable:
    try:
        return _ITEM.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Unreadable(f"not a feed item: {_without_values(error)}")
    except RecursionError:
        return Unreadable("not a feed item: nested too deep")


def to_fact(item: FeedItem) -> Fact | Unreadable:
    """Parse a feed item; an unknown type or schema, or data that doesn't fit its type, gives the reason."""
    fault = _fault(item)
    if fault is not None:
        return Unreadable(fault)
    try:
        return Fact(
            fact_id=item.fact_id,
            treatment=item.treatment,
            version=item.version,
            position=item.position,
            data=_data(item),
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
    except RecursionError:
        return Unreadable("`data` is nested too deep")
    except ValueError:
        return Unreadable("an instant is not RFC 3339 with an offset, in the years 1900 to 9998")


def _fault(item: FeedItem) -> str | None:
    if item.type not in _DECODERS:
        return "`type` is none of this version's facts: update the monitoring service, then redrive"
    if item.schema != _SCHEMA:
        return f"`schema` is not {_SCHEMA}: update the monitoring service, then redrive"
    if not (_ID.fullmatch(item.treatment) and _ID.fullmatch(item.fact_id)):
        return "`treatment` and `fact_id` must be ids"
    if not (1 <= item.version <= _LAST_VERSION and 1 <= item.position <= _LAST_POSITION):
        return "`version` and `position` count from 1, and not without end"
    if (item.occurred_at is None) == (item.occurred_on is None):
        return "exactly one of `occurred_at` and `occurred_on` must be there"
    return None if item.occurred_on is None or _is_date(item.occurred_on) else "`occurred_on` is no date"


def _is_date(text: str) -> bool:
    """A day, a month or a year of the calendar."""
    try:
        return bool(_IMPRECISE.fullmatch(text)) and date.fromisoformat((text + "-01-01")[:10]).year in _YEARS
    except ValueError:
        return False


def _data(item: FeedItem) -> FactData:
    """Kafka leaves free text out: no rule reads it, so its absence is an empty text."""
    try:
        return _DECODERS[item.type].decode(item.data)
    except msgspec.ValidationError:
        required = FREE_TEXT.intersection(f.encode_name for f in msgspec.structs.fields(FACTS[item.type]) if f.required)
        data = msgspec.json.decode(item.data)
        if not isinstance(data, dict) or not required.difference(data):
            raise
        return msgspec.convert(dict.fromkeys(required, "") | data, FACTS[item.type])


def micros_of(text: str) -> int:
    """Microseconds of an RFC 3339 instant of our own writing."""
    return micros(_instant(text))


def micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exact."""
    delta = instant - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def utc_text(microseconds: int) -> str:
    """RFC 3339 in UTC with six decimals, as every answer gives it."""
    instant = EPOCH + timedelta(microseconds=microseconds)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    if instant.year not in _YEARS:
        raise ValueError("a year beyond reason")
    return instant


def _without_values(error: Exception) -> str:
    """msgspec quotes an invalid enum's value: keep what comes before it and the path after it."""
    return re.sub(r"'[^']*'", "(value left out)", str(error))
