"""Log lines are JSON without the text of exceptions; a trace is taken along only if it is well formed."""

import json
import logging
import sys

import pytest

from shared.telemetry import JsonLines, parse_traceparent, request_id, traceparent

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
