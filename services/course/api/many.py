"""Many facts at once: an array answered whole, or lines answered one by one, each after its own commit (§1.3)."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.course.api import answers, schemas
from services.course.api.documents import SENDER, documented
from services.course.api.requests import envelope, ledger, no_query, not_stored
from services.course.application import Ledger, RecordingFailed, StoreUnavailable
from services.course.domain.submission import Submission
from services.course.ingest.facts import Envelope, read_item
from services.course.ingest.many import (
    BULK_LIMIT,
    ITEM_LIMIT,
    MAX_ITEMS,
    TooManyItems,
    split_array,
    split_lines,
    within,
)
from shared.bodies import JSON, media_type, read_body, too_large
from shared.json_scanner import MalformedJson
from shared.problems import Problem, internal_error, try_again
from shared.strict_json import InvalidJson, malformed

router = APIRouter(tags=["facts"])
NDJSON = "application/x-ndjson"
BATCH = 64  # items handed to the ledger together
IN_FLIGHT = 4  # batches under way at once, so that the next is read while the last is committed

Line = dict[str, Any]
Item = Submission | Problem


_DOCUMENT = documented("facts:write", {200: "ItemsAnswer"}, body=schemas.items_body(), takes=(SENDER,))
_LINES = {"schema": {"$ref": "#/components/schemas/ItemsLine"}}
_DOCUMENT["responses"]["200"]["content"][NDJSON] = _LINES


@router.post("/v1/events", openapi_extra=_DOCUMENT)
async def post_many(request: Request) -> Response:
    """Record many facts; each item gets the status it would have got alone."""
    no_query(request)
    kind = media_type(request, JSON, NDJSON)
    who = envelope(request, with_key=False)
    body = await read_body(request, BULK_LIMIT)
    try:
        if kind == NDJSON:
            lines = split_lines(body)
            return _Ndjson(_lines(ledger(request), lines, who))
        # Beside the event loop: a hostile body may take seconds.
        items = await asyncio.to_thread(_read_array, body, who)
    except TooManyItems:
        detail = f"At most {MAX_ITEMS} items may be sent at once. Nothing was stored. Send fewer at once."
        raise Problem(413, "too-large", "Too many items", detail) from None
    return await _array(ledger(request), items)


async def _array(to: Ledger, items: Sequence[Item]) -> Response:
    async def batches() -> AsyncIterator[Sequence[Item]]:
        for batch in _batches(items):
            yield batch

    results = [line async for line in _recorded(to, batches())]
    if results and all(line["status"] == 503 for line in results):
        raise StoreUnavailable
    return answers.json_answer({"results": results, "counts": Counter(str(line["status"]) for line in results)})


async def _lines(to: Ledger, lines: Sequence[bytes], who: Envelope) -> AsyncIterator[Line]:
    """The result of each line, and last the counts."""
    counts: Counter[str] = Counter()

    async def batches() -> AsyncIterator[Sequence[Item]]:
        for start in range(0, len(lines), BATCH):
            yield await asyncio.to_thread(_read_lines, lines[start : start + BATCH], start, who)

    async for result in _recorded(to, batches()):
        counts[str(result["status"])] += 1
        yield result
    yield {"counts": counts}


async def _recorded(to: Ledger, batches: AsyncIterator[Sequence[Item]]) -> AsyncIterator[Line]:
    """The results in the order of the items, each batch's as soon as it is committed."""
    under_way: deque[asyncio.Task[list[Line]]] = deque()
    start = 0
    async for batch in batches:
        under_way.append(asyncio.create_task(_record(to, start, batch)))
        start += len(batch)
        while len(under_way) >= IN_FLIGHT or (under_way and under_way[0].done()):
            for result in await under_way.popleft():
                yield result
    while under_way:
        for result in await under_way.popleft():
            yield result


async def _record(to: Ledger, start: int, batch: Sequence[Item]) -> list[Line]:
    """Stores what could be read of a batch; the results in the order of its items."""
    submissions = [item for item in batch if isinstance(item, Submission)]
    try:
        outcomes = iter(await to.record(submissions) if submissions else [])
    except RecordingFailed:
        # One item must never hold back the others, whatever is wrong with it.
        if len(batch) == 1:
            return [answers.problem_line(start, internal_error())]
        return [line for n, item in enumerate(batch) for line in await _record(to, start + n, [item])]
    except StoreUnavailable:
        return [
            answers.problem_line(start + n, item if isinstance(item, Problem) else try_again())
            for n, item in enumerate(batch)
        ]
    return [
        answers.problem_line(start + n, item) if isinstance(item, Problem) else answers.line(start + n, next(outcomes))
        for n, item in enumerate(batch)
    ]


def _read_array(body: bytes, who: Envelope) -> list[Item]:
    """Reads all before any is stored: a broken array stores nothing. Raises MalformedJson."""
    read: list[Item] = []
    for index, item in enumerate(split_array(body)):
        try:
            read.append(_read(item, index, who))
        except MalformedJson as error:
            raise within(index, error) from None
    return read


def _read_lines(lines: Sequence[bytes], start: int, who: Envelope) -> list[Item]:
    """A broken line spoils that line only."""
    read: list[Item] = []
    for index, line in enumerate(lines, start):
        try:
            read.append(_read(line, index, who))
        except MalformedJson as error:
            read.append(malformed(within(index, error)))
    return read


def _read(item: bytes, index: int, who: Envelope) -> Item:
    if len(item) > ITEM_LIMIT:
        return too_large(ITEM_LIMIT)
    try:
        return read_item(item, index, who)
    except InvalidJson as error:
        return not_stored(error.errors)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


class _Ndjson(Response):
    """Lines written as they come; what was committed when the sender hangs up stays, and may be sent again."""

    def __init__(self, results: AsyncIterator[Line]) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._results = results

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for result in self._results:
            line = msgspec.json.encode(result) + b"\n"
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
