"""Infusions: what of them broke a rule, what holds the next one, whether it is ready (docs/contract.md §3.9–3.11)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api import parameters as p
from services.monitoring.api.answers import respond
from services.monitoring.api.asking import ask, asked_of_one
from services.monitoring.api.documents import documented
from services.monitoring.reading.infusions import DeviationList, HoldList, PeriodList, ReadinessView

router = APIRouter(prefix="/v1/treatments/{treatment}", tags=["treatment"])
_PROBLEMS = (404, 422, 503)
_READINESS = [*p.CLOCKS, p.PLANNED_AT]


@router.get("/deviations", openapi_extra=documented("obligations:read", p.CLOCKS, DeviationList, problems=_PROBLEMS))
async def deviations(request: Request) -> Response:
    """What of the infusions, and of what surrounds them, broke a rule; recorded all the same."""
    asked, query = await asked_of_one(request, p.CLOCKS)
    question = p.question(query)
    return respond(request, await ask(request, lambda reader: reader.deviations(asked, question)))


@router.get("/holds", openapi_extra=documented("obligations:read", p.CLOCKS, HoldList, problems=_PROBLEMS))
async def holds(request: Request) -> Response:
    """What stops a further infusion, or asks for a second thought; in force or ended."""
    asked, query = await asked_of_one(request, p.CLOCKS)
    question = p.question(query)
    return respond(request, await ask(request, lambda reader: reader.holds(asked, question)))


@router.get("/periods", openapi_extra=documented("obligations:read", p.CLOCKS, PeriodList, problems=_PROBLEMS))
async def periods(request: Request) -> Response:
    """What the infusions began: watches, and protections with the days that nothing covers."""
    asked, query = await asked_of_one(request, p.CLOCKS)
    question = p.question(query)
    return respond(request, await ask(request, lambda reader: reader.periods(asked, question)))


@router.get("/readiness", openapi_extra=documented("obligations:read", _READINESS, ReadinessView, problems=_PROBLEMS))
async def readiness(request: Request) -> Response:
    """Go, no-go or go with warnings for a planned infusion, with every prerequisite, hold and warning."""
    asked, query = await asked_of_one(request, _READINESS)
    question, planned_at = p.question(query), query.one(p.PLANNED_AT)
    return respond(request, await ask(request, lambda reader: reader.readiness(asked, question, planned_at)))
