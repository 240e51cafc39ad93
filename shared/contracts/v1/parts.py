"""What facts are made of: texts, dates and amounts as senders write them, and how one fact names another.

Texts are kept as the sender wrote them: instants are RFC 3339 with an offset, dates are `YYYY-MM-DD`, and an
imprecise date may be `YYYY-MM` or `YYYY`.
"""

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=4096)]
Word = Annotated[str, Meta(min_length=1, max_length=4096)]
Instant = Annotated[str, Meta(max_length=64, extra_json_schema={"format": "date-time"})]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", extra_json_schema={"format": "date"})]
ImpreciseDay = Annotated[
    str, Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", extra_json_schema={"format": "imprecise-date"})
]
Zone = Annotated[
    str,
    Meta(min_length=1, max_length=64, description="IANA time zone", extra_json_schema={"format": "iana-time-zone"}),
]
Id = Annotated[str, Meta(max_length=36, extra_json_schema={"format": "uuid"})]
Count = Annotated[int, Meta(ge=0)]
Amount = Annotated[float, Meta(ge=0)] | Annotated[int, Meta(ge=0)]

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class BusinessId(Struct, frozen=True, omit_defaults=True):
    """The sender's own name for a thing; the same name with a higher version corrects the lower ones."""

    system: Word
    value: Word
    version: Count | None = None


class BusinessName(Struct, frozen=True):
    """A business id named without a version, as `corrects` does."""

    system: Word
    value: Word


class Reference(Struct, frozen=True, omit_defaults=True):
    """What a fact corrects: exactly one of a fact id or a business name, of the same treatment."""

    fact_id: Id | None = None
    business_id: BusinessName | None = None


class Data(Struct, frozen=True, omit_defaults=True):
    """Common ground of all fact data: immutable, and written without what was not said."""
