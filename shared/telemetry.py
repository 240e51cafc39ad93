"""Log lines as JSON without identity, the request id, and the W3C trace that a request arrived with.

A line carries fixed sentences and opaque ids only. The text of an exception is left out on purpose: a database
driver puts the refused parameters into it, and those may be a patient's (design invariant 11).
"""

import json
import logging
import re
import secrets
import sys
import traceback
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})(-.*)?")


def parse_traceparent(header: str | None) -> str | None:
    """The header as version 00 writes it if it is a valid W3C traceparent, else None.

    A later version may carry more after what version 00 has; that is left out (Trace Context §4.3).
    """
    found = _TRACEPARENT.fullmatch(header) if header else None
    if found is None or (found[1] == "00" and found[3] is not None):
        return None
    return f"00-{found[2]}"


def trace_of(headers: Sequence[str]) -> str | None:
    """The trace that a request names; a new one where the header is broken or stands there twice, None without it."""
    if not headers:
        return None
    named = parse_traceparent(headers[0]) if len(headers) == 1 else None
    return named or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, service, logger, message, request_id, trace, and where an exception rose."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        if trace := traceparent.get():
            line["trace"] = trace.split("-")[1]
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
        return json.dumps(line, ensure_ascii=False)


def configure_logging(service: str, level: int = logging.INFO) -> None:
    """Sends the whole process's log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx writes each address it asks, with its query, at INFO; the others each step they take.
    for chatty in ("httpx", "kafka", "alembic.runtime.migration"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
