"""What the rules answer: episodes, slots, roll-ups and the spans that hold a roll-up for every date at once.

All dates are local to the clinic. `on` is the date judged. Words and precedence: contract.md §3, clinical.md R13–R18.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from msgspec import Struct

SlotStanding = Literal[
    "upcoming",
    "due",
    "overdue",
    "missed",
    "done",
    "done_late",
    "withdrawn",
    "waived",
    "suspended",
    "not_monitored_here",
    "declined",
    "cancelled",
]
RollUpStanding = Literal[
    "not_applicable",
    "cancelled",
    "suspended",
    "waived",
    "ended",
    "declined",
    "overdue",
    "due",
    "upcoming",
    "complete",
]
Applicability = Literal["applies", "unknown", "not_applicable"]


class Course(Struct, frozen=True):
    course: int
    infusions: int
    first_on: date
    last_on: date
    total_mg: float


class Episode(Struct, frozen=True):
    """`anchor` is A, `ends_on` is E (inclusive)."""

    episode: int
    anchor: date
    ends_on: date
    courses: tuple[Course, ...]


class Evidence(Struct, frozen=True):
    """A fact judged against a slot: the components it speaks of, whether they count, and why (a sentence)."""

    fact_id: str
    specimen_id: str | None
    occurred_on: date
    components: tuple[str, ...]
    counts: bool
    why: str


class Slot(Struct, frozen=True):
    """One obligation. `slot` is None for a close-out and for rolling items; `closes_on` is None for rolling items."""

    obligation_id: str
    requirement: str
    episode: int
    slot: int | None
    close_out: bool
    opens_on: date
    due_on: date
    closes_on: date | None
    standing: SlotStanding
    days_overdue: int
    completed_on: date | None
    partial: bool
    missing: tuple[str, ...]
    applicability: Applicability
    overdue_on_discovery: bool
    reason: str | None
    evidence: tuple[Evidence, ...] = ()


class Counts(Struct, frozen=True):
    """Of the newest episode; `declined` includes open declined slots."""

    done: int = 0
    done_late: int = 0
    missed: int = 0
    not_monitored_here: int = 0
    declined: int = 0


class RollUp(Struct, frozen=True):
    """The one line of a (treatment, requirement) that a worklist shows (clinical.md R17–R19)."""

    treatment: str
    site: str
    on: date
    requirement: str
    title: str
    severity: str
    basis: str
    standing: RollUpStanding
    due_on: date | None
    days_overdue: int
    applicability: Applicability
    partial: bool
    missing: tuple[str, ...]
    overdue_on_discovery: bool
    obligation_id: str | None
    slot_opens_on: date | None
    slot_due_on: date | None
    slot_closes_on: date | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything about one treatment at (on, known_at); `version` is the highest treatment version counted."""

    treatment: str
    version: int
    protocol: str
    site: str
    zone: str
    sex: str
    on: date
    episodes: tuple[Episode, ...]
    slots: tuple[Slot, ...]
    roll_ups: tuple[RollUp, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something recorded that cannot be wholly true: two doses for one start, a specimen after death, …"""

    kind: str
    fact_id: str
    detail: str


State = Literal["not_applicable", "cancelled", "suspended", "waived", "declined", "open", "complete"]


@dataclass(frozen=True, slots=True)
class Span:
    """A roll-up for all `on` in [on_from, on_to): dates are stored, the standing is a comparison with `on`.

    `state` is what no date decides. With `open` the standing follows from the dates, in this order:
    `ended` (closes_on < on), `overdue` (due_on < on), `due` (opens_on <= on), else `upcoming`.
    `ended` also precedes `declined` (closes_on < on). `on_to` None = for ever.
    `tail` is a small JSON-able record from which `answer(span, on)` derives the fields that move with `on`
    (the named slot, counts, missing). Only rules/spans.py reads or writes it.
    """

    requirement: str
    on_from: date
    on_to: date | None
    site: str
    zone: str
    applicability: Applicability
    state: State
    opens_on: date | None
    due_on: date | None
    closes_on: date | None
    tail: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One fact and what was believed of it: `by` names the fact that corrected or voided it."""

    fact_id: str
    version: int
    type: str
    local_date: date | None
    occurred_at: str | None
    occurred_on: str | None
    recorded_at: str
    state: Literal["current", "corrected", "voided", "dangling"]
    by: str | None
    summary: str
