"""The course service as a sender meets it, over HTTP, on a real SQLite store in a folder of the test."""

import asyncio
import json
import sqlite3
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import httpx

from services.course.api.app import create_app
from services.course.settings import Settings

T = TypeVar("T")
START = datetime(2024, 5, 14, 14, tzinfo=UTC)
PATIENT = {"system": "urn:hospital:mrn", "value": "MRN-0042"}
OPENING: dict[str, Any] = {
    "identifier": PATIENT,
    "protocol": "alemtuzumab-ms",
    "site": "neuro-1",
    "zone": "America/New_York",
    "sex": "female",
    "birth_date": "1988-04-02",
    "label": "A. Example",
}
UNKNOWN = "0190f3c2-7a10-7c3e-9a55-00000000dead"


class Course:
    """Opens the application in a folder; `at` moves its manual clock."""

    def __init__(
        self, folder: Path, *, clock: Literal["manual", "system"] = "manual", start: datetime | None = START
    ) -> None:
        self.store = folder / "course.db"
        self._runner = asyncio.Runner()
        self.app = create_app(Settings(database=f"sqlite:///{self.store}", clock=clock))
        self._lifespan = self.app.router.lifespan_context(self.app)
        self.run(self._lifespan.__aenter__())
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://course")
        if clock == "manual" and start is not None:
            self.at(start.isoformat())

    def close(self) -> None:
        self.run(self.client.aclose())
        self.run(self._lifespan.__aexit__(None, None, None))
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def at(self, instant: str) -> None:
        answer = self.request("PUT", "/v1/clock", json={"now": instant})
        assert answer.status_code == 200, answer.text

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.run(self.client.request(method, path, **options))

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.request("GET", path, params=query or None)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", path, json=body, headers=named)

    def open(self, **changes: Any) -> str:
        """The treatment of the usual patient, or of one with these changes."""
        answer = self.post("/v1/treatments", OPENING | changes)
        assert answer.status_code in {200, 201}, answer.text
        treatment: str = answer.json()["treatment"]
        return treatment

    def record(self, treatment: str, posted: dict[str, Any], **headers: str) -> httpx.Response:
        return self.post(f"/v1/treatments/{treatment}/events", posted, **headers)

    def many(self, items: list[Any]) -> httpx.Response:
        return self.post("/v1/events", items)

    def lines(self, *lines: bytes) -> list[dict[str, Any]]:
        """The answers to NDJSON lines."""
        headers = {"content-type": "application/x-ndjson"}
        answer = self.request("POST", "/v1/events", content=b"\n".join(lines) + b"\n", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        return [json.loads(line) for line in answer.text.splitlines()]

    def head(self) -> int:
        head: int = self.get("/v1/audit/events", limit=1).json()["head"]
        return head

    def rows(self) -> dict[str, int]:
        """How many rows each table of the store has."""
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as store:
            tables = [name for (name,) in store.execute("select name from sqlite_master where type = 'table'")]
            counts = {name: store.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}
        store.close()
        return counts


def fact(kind: str = "InfusionAdministered", data: Any = None, **fields: Any) -> dict[str, Any]:
    """A fact that happened on the day the course starts at."""
    said = {"dose_mg": 12} if data is None else data
    head = {"source": "urn:test", "author": "tester"}
    when = {} if "occurred_on" in fields else {"occurred_at": "2024-05-14T10:00:00-04:00"}
    return {"type": kind, "data": said} | head | when | fields
