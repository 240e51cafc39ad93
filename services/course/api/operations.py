"""For whoever runs it: is it alive, is it ready, what does it count, and the clock that tests move (§0, §4)."""

import asyncio
from typing import cast

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import HTMLResponse, Response

from services.course.api import schemas
from services.course.api.answers import Alive, Ready, json_answer
from services.course.api.documents import documented
from services.course.api.requests import ledger, no_query, question
from services.course.application import StoreUnavailable
from services.course.ingest.bodies import ClockBody
from shared.clock import ClockBackwards, ManualClock
from shared.docs_page import docs_page
from shared.metrics import CONTENT_TYPE, Metrics, gauge
from shared.openapi import counted
from shared.problems import Problem
from shared.texts import read_instant, write_instant

router = APIRouter(tags=["operations"])
clock_router = APIRouter(tags=["operations"])
PATIENCE = 2.0  # seconds that the store has to answer /readyz


@router.get("/healthz", openapi_extra=documented("operate", {200: "Alive"}))
async def alive() -> Response:
    """200 while the process runs."""
    return json_answer(Alive(True))


@router.get("/readyz", openapi_extra=documented("operate", {200: "Ready", 503: "Ready"}))
async def ready(request: Request) -> Response:
    """200 when the store answers and takes facts, else 503."""
    try:
        async with asyncio.timeout(PATIENCE):
            await ledger(request).head()
            store = "ok" if await ledger(request).will_take_facts() else "takes no facts"
    except (StoreUnavailable, TimeoutError):
        store = "does not answer"
    body = Ready(store == "ok", {"store": store}, request.app.state.settings.clock)
    return json_answer(body, 200 if store == "ok" else 503)


@router.get("/metrics", openapi_extra=counted("operate"))
async def metrics(request: Request) -> Response:
    """Counts in Prometheus' text form."""
    registry = cast("Metrics", request.app.state.metrics)
    try:
        async with asyncio.timeout(PATIENCE):
            looked_up = await ledger(request).measures()
    except (StoreUnavailable, TimeoutError):
        looked_up = []
    answers = bool(looked_up)
    takes = ledger(request).takes_facts
    looked_up.append(gauge("coursewatch_store_answers", "1 while the database can be read", answers))
    looked_up.append(gauge("coursewatch_store_takes_facts", "0 from a refused transaction to the next one", takes))
    return Response(registry.text(looked_up), headers={"content-type": CONTENT_TYPE})


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> Response:
    """The OpenAPI document as a page that needs no other host."""
    return HTMLResponse(docs_page(cast("FastAPI", request.app).openapi()))


@clock_router.put(
    "/v1/clock", openapi_extra=documented("operate", {200: "ClockBody"}, body=schemas.body(ClockBody), refusals=(409,))
)
async def move_clock(request: Request) -> Response:
    """Move the manual clock forward; it stands still in between."""
    no_query(request)
    now = read_instant((await question(request, ClockBody)).now)
    clock = cast("ManualClock", request.app.state.clock)
    try:
        return json_answer({"now": write_instant(clock.set(now))})
    except ClockBackwards:
        detail = "The clock only moves forward. Send an instant that is not before the one it shows."
        raise Problem(409, "clock-backwards", "The clock does not move backwards", detail) from None
