"""The pages over a real store with the small cohort, and a course service's directory that really answers."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from services.monitoring.store.announcements import start_stream
from shared.clock import ManualClock
from shared.database import open_database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.serving import Asked
from tests.scenario import Scenario

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers


@contextmanager
def pages(folder: Path, cohort: list[Scenario], course_url: str = NOWHERE) -> Iterator[Asked]:
    """The application over a SQLite store that holds these treatments; its clock stands at NOW."""
    settings = Settings(f"sqlite:///{folder / 'monitoring.sqlite'}", course_url, clock="manual", embedded=False)
    store = open_database(settings.database, "monitoring")
    try:
        with store.write() as connection:
            start_stream(connection)
        if cohort:
            Log(store).deliver(*cohort)
        with Asked(create_app(replace(settings), ManualClock(NOW))) as asked:
            yield asked
    finally:
        store.close()


@contextmanager
def directory(labels: dict[str, str]) -> Iterator[str]:
    """A course service that knows these labels and nothing else; gives its address."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["treatments"]
            found = {t: {"label": labels[t], "identifiers": []} for t in asked if t in labels}
            body = json.dumps({"labels": found}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


VOID = {"meta", "link", "input", "br", "img", "hr"}
SVG_EMPTY = {"path", "circle", "rect", "line", "use"}


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, and every tag that was not closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.problems: list[str] = []
        self.words: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in SVG_EMPTY | VOID:
            self.problems.append(f"<{tag}/> closes nothing")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> where {self._open[-1:]} is open, line {self.getpos()[0]}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in {*self._open}:
            self.words.setdefault(tag, []).append(data)

    def text(self, tag: str) -> str:
        """Everything said inside these elements, spaces drawn together."""
        return re.sub(r"\s+", " ", "".join(self.words.get(tag, []))).strip()

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]
