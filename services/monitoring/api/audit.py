"""For auditors: one hash over every answer, and the editions that answers are judged by (contract.md §3.7, §3.17)."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api import parameters as p
from services.monitoring.api.answers import respond
from services.monitoring.api.asking import ask
from services.monitoring.api.documents import documented
from services.monitoring.api.query import Parameter, Query
from services.monitoring.reading.digest import Digest
from services.monitoring.reading.editions import EditionList
from services.monitoring.reading.reader import Reader

router = APIRouter(tags=["audit"])
_DIGEST: list[Parameter[Any]] = [p.ON, p.KNOWN_AT, p.ANONYMOUS]


@router.get("/v1/audit/digest", openapi_extra=documented("audit:read", _DIGEST, Digest))
async def digest(request: Request) -> Response:
    """SHA-256 over every slot of every treatment; equal before and after a rebuild."""
    query = Query(request, _DIGEST)
    question = p.question(query)
    anonymised = query.one(p.ANONYMOUS) or False
    return respond(request, await ask(request, lambda reader: reader.digest(question, anonymised=anonymised)))


@router.get("/v1/audit/editions", openapi_extra=documented("audit:read", [], EditionList))
async def editions(request: Request) -> Response:
    """Every edition that judges or judged: since when, why, by whom, and its whole text."""
    Query(request, [])
    return respond(request, await ask(request, Reader.editions))
