"""Questions that name both of their clocks, and what of the answers must never change again."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

# Where months, years and clocks turn: before, on and after.
DAYS = ("2023-02-28", "2024-02-29", "2024-03-31", "2025-10-26", "2026-11-25", "2028-02-29")
_MOVES = ("known_through", "stream_position")
_OF_ALL = ("/v1/obligations", "/v1/obligations/summary", "/v1/audit/digest")
_OF_ONE = ("/v1/treatments/{}", "/v1/treatments/{}/obligations", "/v1/treatments/{}/timeline")


@dataclass(frozen=True, order=True)
class Question:
    path: str
    on: str
    known_at: str


def questions(treatments: Sequence[str], known_at: str, days: Sequence[str]) -> Iterator[Question]:
    """`known_at` must lie where nothing will be recorded any more."""
    for on in days:
        for path in (*_OF_ALL, *(path.format(one) for path in _OF_ONE for one in treatments)):
            yield Question(path, on, known_at)


def answer(asking: httpx.Client, question: Question) -> str:
    """The answer without what moves although nothing was recorded; all pages of a list."""
    asked = {"on": question.on, "known_at": question.known_at}
    if question.path == _OF_ALL[0]:
        asked["limit"] = "500"
    pages: list[Any] = []
    while True:
        told = asking.get(question.path, params=asked)
        if told.status_code not in {200, 404}:
            raise RuntimeError(f"{question.path} was answered {told.status_code}: {told.text[:300]}")
        page: dict[str, Any] = told.json() if told.status_code == 200 else {"status": 404}
        for name in _MOVES:
            page.get("clocks", {}).pop(name, None)
        cursor = page.pop("next_cursor", None)
        pages.append(page)
        if cursor is None:
            return json.dumps(pages, sort_keys=True)
        asked["cursor"] = cursor
