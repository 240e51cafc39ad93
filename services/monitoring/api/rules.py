"""`GET /v1/protocols/{protocol}/rules`: every rule of a protocol, and which are on (docs/contract.md §3.18)."""

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api.answers import matches, weak
from services.monitoring.api.documents import documented
from services.monitoring.api.query import Query
from services.monitoring.api.state import state
from services.monitoring.reading.one_treatment import UnknownProtocol
from services.monitoring.rulebook.entry import Rulebook
from shared.problems import not_found

router = APIRouter(tags=["rules"])


@router.get(
    "/v1/protocols/{protocol}/rules",
    openapi_extra=documented("obligations:read", [], Rulebook, problems=(404, 422, 503)),
)
async def rules(request: Request) -> Response:
    """Every rule by chapter: whose it is, how it works, in which profiles it is on; what is carried out elsewhere."""
    Query(request, [])
    try:
        book = await run_in_threadpool(state(request).reader.rulebook, request.path_params["protocol"])
    except UnknownProtocol:
        raise not_found("protocol") from None
    content = msgspec.json.encode(book)
    tag = weak(content)
    said = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept"}
    if matches(request, tag):
        return Response(status_code=304, headers=said)
    return Response(content, headers=said, media_type="application/json")
