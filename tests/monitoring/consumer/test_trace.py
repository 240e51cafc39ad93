"""A log line that speaks of a fact names the trace of the request which brought it."""

import json
import logging
from dataclasses import replace

import msgspec
import pytest

from services.monitoring.facts import read_item
from services.monitoring.transport.seam import Delivery
from shared.contracts.v1.feed import FeedItem
from shared.database import Database
from shared.telemetry import JsonLines
from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import projector

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Written(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(JsonLines("monitoring").format(record)))


def traced(delivery: Delivery, trace: str) -> Delivery:
    assert isinstance(delivery.content, FeedItem)
    value = msgspec.json.encode(msgspec.structs.replace(delivery.content, traceparent=trace))
    content = read_item(value)
    assert isinstance(content, FeedItem)
    return replace(delivery, value=value, content=content)


@pytest.mark.parametrize("trace, said", [(TRACE, TRACE.split("-")[1]), ("MRN-0042", None)])
def test_a_parked_fact_is_logged_with_its_trace_and_what_is_none_is_left_out(
    store: Database, trace: str, said: str | None
) -> None:
    first, *_, last = Logbook(people()[0].facts).deliveries
    written = Written()
    log = logging.getLogger("services.monitoring.projector.parking")
    log.addHandler(written)
    log.setLevel(logging.INFO)
    try:
        projector(store).project([first, traced(last, trace)])
    finally:
        log.removeHandler(written)
        log.setLevel(logging.NOTSET)
    (line,) = written.lines
    assert line.get("trace") == said
    assert "MRN-0042" not in json.dumps(written.lines)
