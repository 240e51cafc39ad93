"""What no JSON Schema can say of our requests, told to schemathesis: values that exist, and what belongs together.

Loaded by schemathesis.toml. Only requests that are meant to be valid are mended; those meant to be wrong stay so.
"""

import json
import os
from datetime import UTC, date, datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode, HookContext, Response

from shared.texts import FIRST_YEAR, LAST_YEAR, read_zone

KNOWN = "COURSEWATCH_KNOWN_TREATMENTS"  # ids, with a comma between

_FIRST, _LAST = date(FIRST_YEAR, 1, 2), date(LAST_YEAR, 12, 30)
_days = st.dates(_FIRST, _LAST)
_instants = st.datetimes(datetime(FIRST_YEAR, 1, 2), datetime(LAST_YEAR, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis takes naive bounds
_imprecise = st.tuples(_days, st.sampled_from([4, 7, 10]))
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC")

schemathesis.openapi.format("date", _days.map(date.isoformat))
schemathesis.openapi.format("date-time", _instants.map(lambda at: at.isoformat().replace("+00:00", "Z")))
schemathesis.openapi.format("imprecise-date", _imprecise.map(lambda drawn: drawn[0].isoformat()[: drawn[1]]))
schemathesis.openapi.format("iana-time-zone", st.sampled_from([read_zone(zone) for zone in _ZONES]))
# RFC 7464's cousin: one item a line
schemathesis.openapi.media_type("application/x-ndjson", st.just(b""))


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """Each item on a line; bytes as they are."""
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


def _meant_to_be_valid(case: Case) -> bool:
    return case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Mends what is valid field by field and wrong as a whole."""
    if not _meant_to_be_valid(case):
        return
    query: dict[str, Any] = case.query or {}
    # Only an earlier page can give a cursor, and it allows no other filters.
    query.pop("cursor", None)
    if "treatment" not in query:
        query.pop("after_version", None)
        if "{treatment}" not in case.path:
            query.pop("min_version", None)
    if "wait" in query:
        query["wait"] = 0
    if "until" in query:
        # Not before the date judged, nor long after it.
        query["on"] = query["until"]
    if "to" in query:
        # Not before the other instant, whichever way the two are written.
        query["to"] = query.get("from", query["to"])
    _one_key(case)
    _known_treatment(case)
    if case.path == "/v1/clock" and isinstance(case.body, dict) and case.body.get("now", "") > "2026":
        # The announcer tells every day on the way: eight thousand years are asked of no one.
        case.body["now"] = "2026-01-01T00:00:00Z"


def _one_key(case: Case) -> None:
    """`Idempotency-Key` and `message_id` must be equal where both are given; a header's bytes must be UTF-8."""
    if case.headers and "Idempotency-Key" in case.headers:
        body = case.body
        key = case.headers["Idempotency-Key"]
        if (isinstance(body, dict) and body.get("message_id") is not None) or not str(key).isascii():
            del case.headers["Idempotency-Key"]


def _known_treatment(case: Case) -> None:
    """Every other treatment is one that is there, so that 200 and 201 are seen and not 404 and 202 only."""
    known = [one for one in os.environ.get(KNOWN, "").split(",") if one]
    for parts in (case.path_parameters, case.query, case.body):
        if known and isinstance(parts, dict) and isinstance(parts.get("treatment"), str):
            drawn = sum(parts["treatment"].encode())
            if drawn % 2:
                parts["treatment"] = known[drawn // 2 % len(known)]
    asked = case.path_parameters or {}
    if known and isinstance(asked.get("obligation"), str) and sum(asked["obligation"].encode()) % 2:
        asked["obligation"] = f"{known[0]}.MON-01.e1.s1"


@schemathesis.check
def items_are_judged_alone(context: CheckContext, response: Response, case: Case) -> None:
    """Of many facts that are meant to be wrong at least one is refused; of those meant to be right none is."""
    kind = response.headers.get("content-type", [""])[0]
    if case.path != "/v1/events" or response.status_code != 200 or kind != "application/json":
        return
    counts = response.json()["counts"]
    refused = sum(number for status, number in counts.items() if status in {"400", "413", "422"})
    assert "500" not in counts
    if _meant_to_be_valid(case):
        assert refused == 0, "a valid item was refused"
    elif case.meta is not None and "body" in str(case.meta.components):
        assert refused or not counts, "an invalid item was not refused"
