"""`GET /v1/obligations/{obligation}/explanation`: why it stands as it does (docs/contract.md §3.13)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api import parameters as p
from services.monitoring.api.answers import respond
from services.monitoring.api.asking import ask, wait_for_version
from services.monitoring.api.documents import documented
from services.monitoring.api.query import Query
from services.monitoring.reading.explanation import ObligationExplanation, UnknownObligation, treatment_of
from services.monitoring.reading.one_treatment import UnknownTreatment
from services.monitoring.reading.reader import Reader
from shared.problems import Problem

router = APIRouter(tags=["treatment"])
_DETAIL = (
    "There is no such obligation here: no fact made it by that date, or none that was known yet. "
    "Take the id from a list of obligations."
)


@router.get(
    "/v1/obligations/{obligation}/explanation",
    openapi_extra=documented("obligations:read", p.CLOCKS, ObligationExplanation, problems=(404, 422, 503)),
)
async def explanation(request: Request) -> Response:
    """The rule and its source, the dates step by step, the evidence, what decides, and what would close it."""
    asked: str = request.path_params["obligation"]
    query = Query(request, p.CLOCKS)
    await wait_for_version(request, query, (treatment_of(asked),))
    question = p.question(query)

    def read(reader: Reader) -> ObligationExplanation:
        try:
            return reader.explanation(asked, question)
        except (UnknownObligation, UnknownTreatment):
            raise Problem(404, "not-found", "Not found", _DETAIL) from None

    return respond(request, await ask(request, read))
