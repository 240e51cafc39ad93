"""What is kept because it can't be applied yet, and driving it again (§1.5)."""

from typing import cast, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.course.api import answers
from services.course.api.documents import SENDER, documented, link
from services.course.api.events import RECORDED
from services.course.api.requests import MAX_PAGE, ledger, no_query, number, one_of, query, sender_name
from services.course.domain.outcome import Reason
from shared.openapi import POSITION, parameter
from shared.problems import FieldError, invalid_query, not_found
from shared.texts import NotReadable, read_uuid, write_instant

router = APIRouter(tags=["operations"])
REASONS = get_args(Reason)
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}
QUESTION = (
    parameter("reason", "query", "Only those kept for this reason.", {"type": "string", "enum": list(REASONS)}),
    parameter("sender", "query", "Only those of this sender.", SENDER["schema"]),
    parameter("after", "query", "Lines after this one; left out = 0.", POSITION),
    parameter("limit", "query", "Lines on a page; left out = 100.", _LIMIT),
)
_REDRIVE = {
    "redrive": link("redrive", "Try the oldest again.", quarantine_id="$response.body#/items/0/quarantine_id"),
}


@router.get(
    "/v1/quarantine", openapi_extra=documented("operate", {200: "QuarantinePage"}, takes=QUESTION, links=_REDRIVE)
)
async def quarantined(request: Request) -> Response:
    """The messages in quarantine, the oldest first; what was in them stays inside."""
    asked = query(request, reason=one_of(REASONS), sender=sender_name, after=number(0), limit=number(1, MAX_PAGE))
    after = cast("int", asked.get("after", 0))
    items = await ledger(request).quarantined(
        cast("str | None", asked.get("reason")),
        cast("str | None", asked.get("sender")),
        after,
        cast("int", asked.get("limit", 100)),
    )
    lines = [
        answers.QuarantineLine(
            quarantine_id=item.quarantine_id,
            reason=item.reason,
            sender=item.sender,
            received_at=write_instant(item.received_at),
            sha256=item.sha256,
            resolved=item.resolved,
        )
        for item in items
    ]
    return answers.json_answer(answers.QuarantinePage(lines, items[-1].number if items else after))


@router.post(
    "/v1/quarantine/{quarantine_id}/redrive", openapi_extra=documented("operate", RECORDED, refusals=(404, 409, 422))
)
async def redrive(request: Request) -> Response:
    """Try a quarantined message again: the answer it would get now."""
    no_query(request)
    try:
        quarantine_id = read_uuid(request.path_params["quarantine_id"])
    except NotReadable as error:
        raise invalid_query([FieldError("/path/quarantine_id", str(error))]) from None
    outcome = await ledger(request).redrive(quarantine_id)
    if outcome is None:
        raise not_found("quarantined message")
    return answers.single(outcome)
