"""The query parameters of the monitoring service's addresses (docs/contract.md §3)."""

from datetime import date, datetime
from typing import Any, cast

from services.monitoring.api.query import Parameter, Query, any_text, one_of, whole_number, yes_or_no
from services.monitoring.reading.clocks import Question, read_known_at
from services.monitoring.reading.cursor import BrokenCursor, Cursor, read_cursor
from services.monitoring.reading.filters import SORTS, STANDINGS, Sort
from services.monitoring.reading.slots import SLOT_STANDINGS
from services.monitoring.rules.answers import RollUpStanding, SlotStanding
from shared.contracts.v1.announcements import KINDS
from shared.openapi import DATE, INSTANT, UUID
from shared.texts import NotReadable, read_day, read_instant, read_uuid

_TEXT = {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[^\\u0000\\ufffd]*$"}
_MOST_DAYS = 1_000_000


def _known_at(text: str) -> datetime | date:
    try:
        return read_known_at(text)
    except NotReadable:
        raise NotReadable(
            "must be an instant like 2024-06-10T08:15:00-04:00 (a plus sign is written %2B) or a date like 2024-06-10"
        ) from None


def _uuid(text: str) -> str:
    return str(read_uuid(text))


def _cursor(text: str) -> Cursor:
    try:
        return read_cursor(text)
    except BrokenCursor:
        raise NotReadable("must be the next_cursor of an earlier page; begin the list anew without it") from None


ON = Parameter("on", read_day, DATE, "The date judged; left out = today in each treatment's zone.")
KNOWN_AT = Parameter(
    "known_at",
    _known_at,
    {"anyOf": [INSTANT, DATE]},
    "What was known: an instant, or a date = its end in the zone where the treatment was opened; left out = all.",
)
MIN_VERSION = Parameter(
    "min_version",
    whole_number(1, 2**31 - 1),
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "Wait up to 2 s until this version of the treatment is projected, else 503.",
)
CLOCKS: list[Parameter[Any]] = [ON, KNOWN_AT, MIN_VERSION]
PLANNED_AT = Parameter(
    "planned_at",
    read_instant,
    INSTANT,
    "When the infusion begins (a plus sign is written %2B); left out = the recorded plan, else on the date judged.",
)

STANDING = Parameter(
    "standing",
    lambda text: cast("RollUpStanding", one_of(STANDINGS)(text)),
    {"type": "string", "enum": list(STANDINGS)},
    "Only rows of this standing; not_applicable appears only when asked for.",
    repeatable=True,
)
SLOT_STANDING = Parameter(
    "standing",
    lambda text: cast("SlotStanding", one_of(SLOT_STANDINGS)(text)),
    {"type": "string", "enum": list(SLOT_STANDINGS)},
    "Only slots of this standing.",
    repeatable=True,
)
REQUIREMENT = Parameter("requirement", any_text, _TEXT, "Only this requirement, such as MON-01.", repeatable=True)
SITE = Parameter("site", any_text, _TEXT, "Only this site.", repeatable=True)
TREATMENT = Parameter("treatment", _uuid, UUID, "Only this treatment.", repeatable=True)
DUE_BEFORE = Parameter("due_before", read_day, DATE, "Only rows due before this date.")
MIN_DAYS_OVERDUE = Parameter(
    "min_days_overdue",
    whole_number(0, _MOST_DAYS),
    {"type": "integer", "minimum": 0, "maximum": _MOST_DAYS},
    "Only rows overdue for at least this many days.",
)
SORT = Parameter(
    "sort",
    lambda text: cast("Sort", one_of(SORTS)(text)),
    {"type": "string", "enum": list(SORTS), "default": "due_on"},
    "The order; ties by treatment, then requirement.",
)
LIMIT = Parameter(
    "limit",
    whole_number(1, 500),
    {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
    "Rows on a page.",
)
CURSOR = Parameter(
    "cursor",
    _cursor,
    {"type": "string"},
    "The next_cursor of the page before; it pins clocks, filters and sort, so all pages are one snapshot.",
)
FILTERS: list[Parameter[Any]] = [STANDING, REQUIREMENT, SITE, TREATMENT, DUE_BEFORE, MIN_DAYS_OVERDUE]

DUE_FROM = Parameter("due_from", read_day, DATE, "Only slots due on this date or later.")
DUE_TO = Parameter("due_to", read_day, DATE, "Only slots due on this date or earlier.")
UNTIL = Parameter(
    "until", read_day, DATE, "The last due date told, at most ten years after the date judged; left out = one year."
)
FROM = Parameter(
    "from",
    _known_at,
    {"anyOf": [INSTANT, DATE]},
    "The earlier belief: an instant, or a date = its end in the zone where the treatment was opened.",
    required=True,
)
TO = Parameter(
    "to", _known_at, {"anyOf": [INSTANT, DATE]}, "The later belief, written as `from` is; left out = all that is known."
)
ANONYMOUS = Parameter(
    "anonymous",
    yes_or_no,
    {"type": "boolean", "default": False},
    "Treatments and facts under names that do not depend on the deployment.",
)
KIND = Parameter(
    "kind", one_of(KINDS), {"type": "string", "enum": list(KINDS)}, "Only announcements of this kind.", repeatable=True
)
LAST_EVENT_ID = Parameter(
    "last_event_id",
    any_text,
    _TEXT,
    "Resume after this position; the header Last-Event-ID wins.",
)


def question(query: Query) -> Question:
    """The two clocks asked for."""
    return Question(query.one(ON), query.one(KNOWN_AT))
