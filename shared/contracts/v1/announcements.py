"""What subscribers are told: one announcement as SSE and Kafka carry it, numbered within a stream.

`announcement_id` is `{stream}-{n}`; `n` counts 1.. in commit order. Dates are `YYYY-MM-DD`, `known_at` is UTC with six
decimals. Source: docs/contract.md §3.6.
"""

from typing import Literal, get_args

from msgspec import UNSET, Struct, UnsetType

Kind = Literal[
    "opened",
    "rescheduled",
    "withdrawn",
    "became-due",
    "became-overdue",
    "became-missed",
    "satisfied",
    "reopened",
    "waived",
    "suspended",
    "resumed",
    "declined",
    "cancelled",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class SlotRange(Struct, frozen=True, rename={"from_": "from"}):
    """The slot numbers that one `opened` speaks of, both inclusive."""

    from_: int
    to: int


class Announcement(Struct, frozen=True):
    """One change of one obligation; `caused_by` is a fact id, or None where a date did it.

    `traceparent` is that of the request which brought the fact; absent where a date did it.
    `effective_on` is the clinic's date from which the change is true, also when it is told later.
    """

    announcement_id: str
    kind: Kind
    effective_on: str
    obligation_id: str
    treatment: str
    requirement: str
    site: str
    due_on: str | None
    standing: str | None
    caused_by: str | None
    known_at: str
    edition: str
    slots: SlotRange | UnsetType = UNSET
    traceparent: str | UnsetType = UNSET
