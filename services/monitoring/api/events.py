"""The events of the stream as the OpenAPI document describes them: the fields of a server-sent event, read."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.monitoring.api.documents import refer
from shared.contracts.v1.announcements import Announcement, Kind

Position = Annotated[str, Meta(pattern="^[a-z0-9]{1,32}-[0-9]{1,18}$")]
Data = Annotated[str, Meta(extra_json_schema={"contentMediaType": "application/json"})]
_CONTENT = {"contentMediaType": "application/json", "contentSchema": refer(Announcement)}


class AnnouncementEvent(Struct, frozen=True):
    """`data` is an announcement as JSON: docs/contract.md §3.6."""

    event: Kind
    id: Position
    data: Annotated[str, Meta(extra_json_schema=_CONTENT)]


class ProgressEvent(Struct, frozen=True):
    """The first event, and a sign of life each 15 s; `data` is `{"stream_position", "known_through"}`."""

    event: Literal["hello", "heartbeat"]
    id: Position
    data: Data


class ResetEvent(Struct, frozen=True):
    """List again and go on from there; `data` is `{"reason", "stream_position"}`."""

    event: Literal["reset"]
    id: Position
    data: Data


EVENTS: tuple[type[Struct], ...] = (AnnouncementEvent, ProgressEvent, ResetEvent)
