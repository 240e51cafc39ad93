"""The feed: the whole log in order, with long poll, and one treatment's range (§1.6)."""

import uuid
from typing import cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.course.api.answers import json_answer
from services.course.api.documents import documented
from services.course.api.requests import MAX_PAGE, ledger, number, query, seconds
from shared.openapi import POSITION, UUID, parameter
from shared.problems import FieldError, invalid_query
from shared.texts import read_uuid

router = APIRouter(tags=["audit"])
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}
_WAIT = {"type": "number", "minimum": 0, "maximum": 30, "multipleOf": 0.001}
QUESTION = (
    parameter("after", "query", "Facts after this position; left out = 0.", POSITION),
    parameter("limit", "query", "Facts on a page; left out = 500.", _LIMIT),
    parameter("wait", "query", "Seconds to hold an empty answer; left out = 0.", _WAIT),
    parameter("treatment", "query", "Facts of this treatment only.", UUID),
    parameter("after_version", "query", "With treatment: facts after this version of it; left out = 0.", POSITION),
)


@router.get("/v1/audit/events", openapi_extra=documented("audit:read", {200: "FeedPage"}, takes=QUESTION))
async def feed(request: Request) -> Response:
    """Every fact as it was recorded, by position, without gaps."""
    asked = query(
        request,
        after=number(0),
        limit=number(1, MAX_PAGE),
        wait=seconds,
        treatment=read_uuid,
        after_version=number(0),
    )
    if "after_version" in asked and "treatment" not in asked:
        raise invalid_query([FieldError("/query/after_version", "needs treatment beside it")])
    page = await ledger(request).feed(
        cast("int", asked.get("after", 0)),
        cast("int", asked.get("limit", 500)),
        cast("float", asked.get("wait", 0.0)),
        cast("uuid.UUID | None", asked.get("treatment")),
        cast("int", asked.get("after_version", 0)),
    )
    return json_answer(page)
