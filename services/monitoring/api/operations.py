"""For whoever runs it: is it alive, is it ready, what does it count, and the clock that tests move (§0, §4)."""

import asyncio
from typing import Any, Final, cast

import msgspec
from fastapi import APIRouter, FastAPI, Request
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from services.monitoring.api.documents import refer, refusals, scoped
from services.monitoring.api.query import Query
from services.monitoring.api.state import state
from services.monitoring.reading.snapshot import snapshot
from services.monitoring.set_aside import SetAside, set_aside
from shared.bodies import read_json
from shared.clock import ClockBackwards, ManualClock
from shared.contracts.v1.parts import Instant
from shared.docs_page import docs_page
from shared.metrics import CONTENT_TYPE, gauge
from shared.openapi import Schema, counted, problem_answer
from shared.problems import Problem
from shared.strict_json import decode
from shared.texts import read_instant, write_instant

router = APIRouter(tags=["operations"])
clock_router = APIRouter(tags=["operations"])
PATIENCE: Final = 2.0  # seconds that the store has to answer /readyz


class ClockBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`PUT /v1/clock`."""

    now: Instant


class Alive(Struct, frozen=True):
    alive: bool


class Ready(Struct, frozen=True):
    """`checks`: the store, how far the feed is behind, whether the log is the one that was read, parked treatments."""

    ready: bool
    checks: dict[str, str | int]
    clock: str


def _document(answer: type[Struct], **more: Any) -> dict[str, Any]:
    ok = {"description": "The answer", "content": {"application/json": {"schema": refer(answer)}}}
    return {**scoped("operate", ()), "responses": {"200": ok, **more}}


_NOT_READY = {"description": "Not ready", "content": {"application/json": {"schema": refer(Ready)}}}

_SET_ASIDE = _document(SetAside)["responses"] | refusals(422, 503)


@router.get("/healthz", openapi_extra=_document(Alive))
async def alive() -> Response:
    """200 while the process runs."""
    return _json(Alive(True))


@router.get("/readyz", openapi_extra=_document(Ready, **{"503": _NOT_READY}))
async def ready(request: Request) -> Response:
    """200 when the store answers and the log is being read, else 503."""
    running = state(request)
    try:
        async with asyncio.timeout(PATIENCE):
            is_ready, checks = await run_in_threadpool(running.background.health.checks)
    except TimeoutError:
        is_ready, checks = False, {"store": "does not answer"}
    body = Ready(is_ready, checks, running.settings.clock)
    return _json(body, 200 if is_ready else 503)


@router.get(
    "/metrics",
    openapi_extra=counted("operate"),
)
async def metrics(request: Request) -> Response:
    """Counts in Prometheus' text form."""
    running = state(request)
    try:
        async with asyncio.timeout(PATIENCE):
            looked_up = await run_in_threadpool(running.background.health.measures)
    except TimeoutError:
        looked_up = []
    looked_up.append(gauge("coursewatch_stream_listeners", "Open streams", running.tail.listeners))
    return Response(running.metrics.text(looked_up), headers={"content-type": CONTENT_TYPE})


@router.get("/v1/operations/set-aside", openapi_extra=_document(SetAside) | {"responses": _SET_ASIDE})
async def waiting(request: Request) -> Response:
    """What waits for an operator: another log, parked treatments, dead letters."""
    Query(request, ())
    running = state(request)

    def read() -> SetAside:
        with snapshot(running.database) as connection:
            return set_aside(connection)

    return _json(await run_in_threadpool(read))


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The OpenAPI document as a page that needs no other host."""
    return HTMLResponse(docs_page(cast("FastAPI", request.app).openapi()))


_CLOCK_PROBLEMS: Schema = {
    "400": problem_answer("`malformed-json`"),
    "409": problem_answer("`clock-backwards`"),
    "413": problem_answer("`too-large`"),
    "415": problem_answer("`unsupported-media-type`"),
    "422": problem_answer("`invalid-query`"),
    "503": problem_answer("`try-again`", retry=True),
}
_CLOCK_DOCUMENT = _document(ClockBody, **_CLOCK_PROBLEMS) | {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": refer(ClockBody), "example": {"now": "2024-06-10T13:00:00Z"}}},
    }
}


@clock_router.put("/v1/clock", openapi_extra=_CLOCK_DOCUMENT)
async def move_clock(request: Request) -> Response:
    """Move the manual clock forward and announce what the dates bring, before this answers."""
    Query(request, ())
    now = read_instant(decode(await read_json(request), ClockBody).now)
    running = state(request)
    try:
        moved = cast("ManualClock", running.clock).set(now)
    except ClockBackwards:
        detail = "The clock only moves forward. Send an instant that is not before the one it shows."
        raise Problem(409, "clock-backwards", "The clock does not move backwards", detail) from None
    await run_in_threadpool(running.background.announce, moved)
    await running.tail.refresh()
    return _json(ClockBody(write_instant(moved)))


def _json(body: Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
