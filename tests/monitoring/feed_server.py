"""The course service's feed over real HTTP, from a logbook; what it answers can be cut short or broken by a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.monitoring.logbook import Logbook, written


class FeedServer:
    """`hidden` positions are left out of pages (not of ranges); `head` may lie before the end; `broken` answers 503."""

    def __init__(self, log: Logbook) -> None:
        self.log = log
        self.head: int | None = None
        self.hidden: set[int] = set()
        self.spoiled: dict[int, bytes] = {}
        self.broken = False
        self.asked: list[str] = []
        self.url = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if self.broken:
            return 503, b"{}"
        head = len(self.log.facts) if self.head is None else self.head
        known = [fact for fact in self.log.facts if fact.position <= head]
        if "treatment" in query:
            after = int(query["after_version"])
            events = [f for f in known if f.treatment == query["treatment"] and f.version > after]
        else:
            events = [f for f in known if f.position > int(query["after"]) and f.position not in self.hidden]
        events = events[: int(query["limit"])]
        lines = b",".join(self.spoiled.get(fact.position, written(fact)) for fact in events)
        rest = msgspec.json.encode(
            {
                "next_after": events[-1].position if events else int(query.get("after", 0)),
                "head": head,
                "recorded_through": known[-1].recorded_at if known else None,
            }
        )
        return 200, b'{"events":[' + lines + b"]," + rest[1:]


@contextmanager
def serving(log: Logbook) -> Iterator[FeedServer]:
    feed = FeedServer(log)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = feed.answer(self.path)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    feed.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
