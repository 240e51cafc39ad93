"""The item of the feed and of Kafka: one fact as it was recorded, and the pages that carry it.

`position` counts the whole log 1..n, `version` one treatment 1..n, both without gaps; `recorded_at` (UTC, six
decimals) strictly increases along `position`. Source: docs/contract.md §1.6 and §2.
"""

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType

from shared.contracts.v1.parts import BusinessId, Reference


class FeedItem(Struct, frozen=True):
    """One recorded fact on the wire; `data` is the JSON of the struct that `type` names in FACTS.

    `traceparent` (W3C Trace Context) is that of the request which brought the fact.
    """

    position: int
    fact_id: str
    treatment: str
    version: int
    type: str
    schema: int
    occurred_at: str | None
    occurred_on: str | None
    zone: str | None
    issued_at: str | None
    recorded_at: str
    sender: str
    source: str
    author: str
    business_id: BusinessId | None
    corrects: Reference | None
    data: Raw
    traceparent: str | UnsetType = UNSET


class FeedPage(Struct, frozen=True):
    """A stretch of the log in order; `head` is the last position there is."""

    events: list[FeedItem]
    next_after: int
    head: int
    recorded_through: str | None


class Watermark(Struct, frozen=True):
    """Tells a consumer that nothing more was recorded up to this instant."""

    position: int
    recorded_through: str


Json = dict[str, Any] | list[Any] | str | int | float | bool | None
