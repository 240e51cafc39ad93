"""One treatment as it would be and as it was believed: what-if, forecast, diff (docs/contract.md §3.14–3.16)."""

from datetime import date, datetime
from typing import Any, cast

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api import parameters as p
from services.monitoring.api.answers import respond
from services.monitoring.api.asking import ask, asked_of_one, path_treatment, wait_for_version
from services.monitoring.api.documents import documented
from services.monitoring.api.query import Parameter, Query, wrong
from services.monitoring.api.simulating import simulating
from services.monitoring.reading.clocks import Question
from services.monitoring.reading.difference import Backwards, BeliefDiff
from services.monitoring.reading.forecast import ForecastAnswer, OutOfReach
from services.monitoring.reading.hypothetical import read_posted
from services.monitoring.reading.reader import Reader
from shared.bodies import read_json

router = APIRouter(prefix="/v1/treatments/{treatment}", tags=["treatment"])
_PROBLEMS = (404, 422, 503)
_WHAT_IF: list[Parameter[Any]] = [*p.CLOCKS]
_DIFF: list[Parameter[Any]] = [p.ON, p.FROM, p.TO, p.MIN_VERSION]
_FORECAST: list[Parameter[Any]] = [*p.CLOCKS, p.UNTIL]


@router.get("/forecast", openapi_extra=documented("obligations:read", _FORECAST, ForecastAnswer, problems=_PROBLEMS))
async def forecast(request: Request) -> Response:
    """Every obligation due until a day if nothing more is recorded: in order, by requirement, by visit day."""
    asked, query = await asked_of_one(request, _FORECAST)
    question, until = p.question(query), query.one(p.UNTIL)

    def read(reader: Reader) -> ForecastAnswer:
        try:
            return reader.forecast(asked, question, until)
        except OutOfReach as far:
            raise wrong(p.UNTIL, str(far)) from None

    return respond(request, await ask(request, read))


@router.get("/diff", openapi_extra=documented("audit:read", _DIFF, BeliefDiff, problems=_PROBLEMS))
async def diff(request: Request) -> Response:
    """What changed in belief between two instants, slot by slot and line by line, and which fact changed it."""
    asked, query = await asked_of_one(request, _DIFF)
    start = cast("datetime | date", query.one(p.FROM))
    question = Question(query.one(p.ON), query.one(p.TO))

    def read(reader: Reader) -> BeliefDiff:
        try:
            return reader.diff(asked, question, start)
        except Backwards as backwards:
            raise wrong(p.TO, str(backwards)) from None

    return respond(request, await ask(request, read))


@router.post("/simulate", openapi_extra=simulating(_WHAT_IF))
async def simulate(request: Request) -> Response:
    """What would change if these facts were recorded now; nothing is stored."""
    asked = path_treatment(request)
    query = Query(request, _WHAT_IF)
    body = await read_json(request)
    posted = await run_in_threadpool(read_posted, body)
    await wait_for_version(request, query, (asked,))
    question = p.question(query)
    answer = await ask(request, lambda reader: reader.simulation(asked, question, posted))
    said = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(answer), headers=said, media_type="application/json")
