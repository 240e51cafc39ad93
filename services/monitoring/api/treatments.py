"""One treatment: at a glance, its slots with their evidence, its timeline (docs/contract.md §3.3–3.5)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api import parameters as p
from services.monitoring.api.answers import respond
from services.monitoring.api.asking import ask, asked_of_one, known_requirements
from services.monitoring.api.documents import documented
from services.monitoring.reading.slots import SlotFilters, SlotList
from services.monitoring.reading.timeline import Timeline
from services.monitoring.reading.treatment import TreatmentView

router = APIRouter(prefix="/v1/treatments/{treatment}", tags=["treatment"])
_PROBLEMS = (404, 422, 503)
_SLOTS = [*p.CLOCKS, p.REQUIREMENT, p.SLOT_STANDING, p.DUE_FROM, p.DUE_TO]


@router.get("", openapi_extra=documented("obligations:read", p.CLOCKS, TreatmentView, problems=_PROBLEMS))
async def treatment(request: Request) -> Response:
    """Episodes, treatment courses and the roll-up of each requirement."""
    asked, query = await asked_of_one(request, p.CLOCKS)
    question = p.question(query)
    return respond(request, await ask(request, lambda reader: reader.treatment(asked, question)))


@router.get("/obligations", openapi_extra=documented("obligations:read", _SLOTS, SlotList, problems=_PROBLEMS))
async def slots(request: Request) -> Response:
    """Every slot of the episodes with what counted for it, what did not, and why."""
    asked, query = await asked_of_one(request, _SLOTS)
    question = p.question(query)
    filters = SlotFilters(
        requirement=known_requirements(request, query),
        standing=query.many(p.SLOT_STANDING),
        due_from=query.one(p.DUE_FROM),
        due_to=query.one(p.DUE_TO),
    )
    return respond(request, await ask(request, lambda reader: reader.slots(asked, question, filters)))


@router.get("/timeline", openapi_extra=documented("obligations:read", p.CLOCKS, Timeline, problems=_PROBLEMS))
async def timeline(request: Request) -> Response:
    """Every fact recorded, and what was believed of it."""
    asked, query = await asked_of_one(request, p.CLOCKS)
    question = p.question(query)
    return respond(request, await ask(request, lambda reader: reader.timeline(asked, question)))
