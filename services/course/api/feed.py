"""The feed: the whole log in order, with long poll, and one treatment's range (§1.6)."""

from typing import cast
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.course.api.answers import json_answer
from services.course.api.documents import documented
from services.course.api.requests import MAX_PAGE, ledger, number, query, seconds
from shared.problems import FieldError, invalid_query
from shared.texts import read_uuid

router = APIRouter(tags=["audit"])
QUESTION = {
    "after": "facts after this position (default 0)",
    "limit": f"1 to {MAX_PAGE} (default 500)",
    "wait": "seconds to hold an empty answer, 0 to 30 (default 0)",
    "treatment": "facts of this treatment only",
    "after_version": "with treatment: facts after this version of it (default 0)",
}


@router.get("/v1/audit/events", openapi_extra=documented("audit:read", {200: "FeedPage"}, query=QUESTION))
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
        cast("UUID | None", asked.get("treatment")),
        cast("int", asked.get("after_version", 0)),
    )
    return json_answer(page)
