"""`GET /v1/obligations` and its summary: the worklist, its totals and its export (docs/contract.md §3.2)."""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from typing import IO, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.monitoring.api import parameters as p
from services.monitoring.api.answers import matches, respond
from services.monitoring.api.asking import ask, known_requirements, wait_for_version
from services.monitoring.api.documents import documented, link
from services.monitoring.api.query import Query, wrong
from services.monitoring.api.state import state
from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.cohort import CohortPage, Summary
from services.monitoring.reading.cursor import Cursor
from services.monitoring.reading.export import write_csv
from services.monitoring.reading.filters import Filters
from services.monitoring.reading.reader import Reader
from shared.problems import FieldError, invalid_query

router = APIRouter(tags=["cohort"])
CSV: Final = "text/csv"
_IN_MEMORY: Final = 8 << 20
_LIST = [*p.CLOCKS, *p.FILTERS, p.SORT, p.LIMIT, p.CURSOR]
_SUMMARY = [*p.CLOCKS, *p.FILTERS]
_PROBLEMS = (404, 422, 503)


_FIRST_ROW = {
    "treatment": link("treatment", "The treatment of the first row."),
    "slots": link("slots", "What the treatment of the first row owes, slot by slot."),
    "timeline": link("timeline", "What is recorded of the treatment of the first row."),
}


@router.get(
    "/v1/obligations",
    openapi_extra=documented("obligations:read", _LIST, CohortPage, also=(CSV,), problems=_PROBLEMS, links=_FIRST_ROW),
)
async def obligations(request: Request) -> Response:
    """The worklist: one row per treatment and requirement, judged on a date with what was known."""
    query = Query(request, _LIST)
    await wait_for_version(request, query, query.many(p.TREATMENT))
    limit = query.one(p.LIMIT) or 50
    cursor = query.one(p.CURSOR)
    if wants_csv(request):
        return await _export(request, query)
    if cursor is None:
        filters, question = _filters(request, query), p.question(query)
        return respond(request, await ask(request, lambda reader: reader.cohort(filters, question, limit)))
    _same_walk(request, query, cursor)
    return respond(request, await ask(request, lambda reader: reader.cohort_after(cursor, limit)))


@router.get(
    "/v1/obligations/summary", openapi_extra=documented("obligations:read", _SUMMARY, Summary, problems=_PROBLEMS)
)
async def summary(request: Request) -> Response:
    """The same list counted: rows, treatments, and standings by requirement and site."""
    query = Query(request, _SUMMARY)
    await wait_for_version(request, query, query.many(p.TREATMENT))
    filters, question = _filters(request, query), p.question(query)
    return respond(request, await ask(request, lambda reader: reader.summary(filters, question)))


def wants_csv(request: Request) -> bool:
    """Whether text/csv is named in Accept and not ranked below JSON."""
    ranks: dict[str, float] = {}
    for part in request.headers.get("accept", "").split(","):
        kind, _, rest = part.partition(";")
        _, _, rank = rest.replace(" ", "").partition("q=")
        try:
            ranks[kind.strip().lower()] = float(rank or 1)
        except ValueError:
            ranks[kind.strip().lower()] = 1.0
    return ranks.get(CSV, 0.0) > 0 and ranks[CSV] >= ranks.get("application/json", 0.0)


def _filters(request: Request, query: Query) -> Filters:
    due_before = query.one(p.DUE_BEFORE)
    return Filters(
        standing=query.many(p.STANDING),
        requirement=known_requirements(request, query),
        site=query.many(p.SITE),
        treatment=query.many(p.TREATMENT),
        due_before=None if due_before is None else due_before.toordinal(),
        min_days_overdue=query.one(p.MIN_DAYS_OVERDUE),
        sort=query.one(p.SORT) or "due_on",
    )


def _same_walk(request: Request, query: Query, cursor: Cursor) -> None:
    """422 for a parameter beside the cursor that asks for another list than it pins."""
    asked = _filters(request, query)
    pinned = cursor.filters
    named = (
        (p.STANDING, set(asked.standing) == set(pinned.standing)),
        (p.REQUIREMENT, set(asked.requirement) == set(pinned.requirement)),
        (p.SITE, set(asked.site) == set(pinned.site)),
        (p.TREATMENT, set(asked.treatment) == set(pinned.treatment)),
        (p.DUE_BEFORE, asked.due_before == pinned.due_before),
        (p.MIN_DAYS_OVERDUE, asked.min_days_overdue == pinned.min_days_overdue),
        (p.SORT, asked.sort == pinned.sort),
        (p.ON, query.one(p.ON) == cursor.on),
        (p.KNOWN_AT, query.one(p.KNOWN_AT) == cursor.question.known_at),
    )
    errors = [
        FieldError(f"/query/{parameter.name}", "must be left out beside a cursor, or be what the list began with")
        for parameter, same in named
        if query.asked(parameter) and not same
    ]
    if errors:
        raise invalid_query(errors)
    if cursor.edition_sha256 != state(request).reader.library.named(cursor.ceiling)[1]:
        raise wrong(p.CURSOR, "belongs to a list made with another edition of the protocol; begin the list anew")


async def _export(request: Request, query: Query) -> Response:
    """The whole list; `limit` has no meaning for it."""
    if query.asked(p.CURSOR):
        raise wrong(p.CURSOR, "can't be used with text/csv, which is always the whole list")
    filters, question = _filters(request, query), p.question(query)
    clocks, file, tag = await ask(request, lambda reader: _spool(reader, filters, question))
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept", **_said(clocks)}
    if matches(request, tag):
        await run_in_threadpool(file.close)
        return Response(status_code=304, headers=headers)
    return StreamingResponse(_parts(file), headers=headers, media_type=CSV)


def _spool(reader: Reader, filters: Filters, question: Question) -> tuple[Clocks, IO[bytes], str]:
    """Writes the export to memory, or to disk where it is large, so that a slow reader holds no transaction open."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- closed when the answer has been sent
    with reader.whole_cohort(filters, question) as (clocks, rows):
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        write_csv(rows, text)
        text.detach()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return clocks, file, f'W/"{digest[:32]}"'


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(1 << 16):
            yield part


def _said(clocks: Clocks) -> dict[str, str]:
    """The clocks of an answer that has no room for them in its body."""
    said = {
        "On": clocks.on.isoformat() if clocks.on else None,
        "Known-At": clocks.known_at,
        "Known-Through": clocks.known_through,
        "Edition": clocks.edition,
        "Edition-Sha256": clocks.edition_sha256,
        "Stream-Position": clocks.stream_position,
    }
    return {f"Coursewatch-{name}": value for name, value in said.items() if value}
