"""Log lines are JSON without the text of exceptions; a trace is taken along only if it is well formed."""

import json
import logging
import sys

import pytest

from shared.telemetry import JsonLines, parse_traceparent, request_id, trace_of, traceparent

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def record(message: str, *arguments: object, failed: bool = False) -> logging.LogRecord:
    return logging.LogRecord("x", logging.ERROR, "x.py", 1, message, arguments, sys.exc_info() if failed else None)


def test_a_line_is_one_json_object_with_the_request_and_its_trace() -> None:
    request_id.set("r1")
    traceparent.set(TRACE)
    said = json.loads(JsonLines("course").format(record("%d facts", 3)))
    assert (said["service"], said["level"], said["message"]) == ("course", "error", "3 facts")
    assert (said["request_id"], said["trace"]) == ("r1", "0af7651916cd43dd8448eb211c80319c")


def test_an_exceptions_place_is_told_and_its_text_is_not() -> None:
    try:
        raise ValueError("MRN-0042")
    except ValueError:
        line = JsonLines("course").format(record("it failed", failed=True))
    said = json.loads(line)
    assert said["exception"] == "ValueError"
    assert "test_telemetry.py" in said["where"][-1]
    assert "MRN-0042" not in line


def test_a_well_formed_trace_is_taken_along() -> None:
    assert parse_traceparent(TRACE) == TRACE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        TRACE.upper(),
        TRACE.replace("00-", "ff-", 1),
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        TRACE + "\nx: y",
    ],
)
def test_a_broken_trace_is_left_behind(header: str | None) -> None:
    assert parse_traceparent(header) is None


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (TRACE.replace("00-", "01-", 1), TRACE),
        (TRACE.replace("00-", "cc-", 1) + "-what-the-future-will-be-like", TRACE),
        (TRACE.replace("00-", "cc-", 1) + ".what-the-future-will-be-like", None),
        (TRACE + "-more", None),
    ],
)
def test_a_later_version_is_read_as_far_as_this_one_goes(header: str, taken: str | None) -> None:
    assert parse_traceparent(header) == taken


def test_a_broken_or_doubled_trace_is_replaced_by_a_new_one() -> None:
    assert trace_of([]) is None
    assert trace_of([TRACE]) == TRACE
    made = {trace_of(["nonsense"]), trace_of([TRACE, TRACE])}
    assert len(made) == 2
    assert all(parse_traceparent(one) == one != TRACE for one in made)
