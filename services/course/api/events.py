"""Posting one fact and reading facts back (§1.2, §1.5)."""

from typing import cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.course.api import answers, schemas
from services.course.api.documents import KEY, SENDER, documented, link
from services.course.api.requests import (
    MAX_PAGE,
    asked_treatment,
    envelope,
    ledger,
    no_query,
    number,
    path_treatment,
    query,
    reading,
)
from services.course.ingest.facts import read_fact
from shared.bodies import read_json
from shared.openapi import POSITION, parameter
from shared.problems import FieldError, invalid_query, not_found
from shared.strict_json import InvalidJson
from shared.texts import NotReadable

router = APIRouter(tags=["facts"])
RECORDED = {201: "FactAnswer", 200: "FactAnswer", 202: "KeptAnswer"}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}
PAGE = (
    parameter("after_version", "query", "Facts after this version; left out = 0.", POSITION),
    parameter("limit", "query", "Facts on a page; left out = 500.", _LIMIT),
)
_ONE_FACT = {
    "fact": link(
        "one_fact",
        "The fact as it was recorded.",
        treatment="$response.body#/treatment",
        version="$response.body#/version",
    )
}


@router.post(
    "/v1/treatments/{treatment}/events",
    openapi_extra=documented(
        "facts:write", RECORDED, body=schemas.fact_body(), takes=(SENDER, KEY), refusals=(409,), links=_ONE_FACT
    ),
)
async def post_fact(request: Request) -> Response:
    """Record what happened; 201 means committed, the same message again gets the same answer."""
    no_query(request)
    try:
        treatment = path_treatment(request)
    except NotReadable as error:
        raise InvalidJson([FieldError("/path/treatment", str(error))]) from None
    who = envelope(request)
    body = await read_json(request)
    submission = await reading(body, lambda: read_fact(body, treatment, who))
    (outcome,) = await ledger(request).record([submission])
    return answers.single(outcome)


@router.get(
    "/v1/treatments/{treatment}/events",
    openapi_extra=documented("audit:read", {200: "FactPage"}, takes=PAGE, refusals=(404,)),
)
async def facts_of_treatment(request: Request) -> Response:
    """A treatment's facts by version."""
    treatment = asked_treatment(request)
    asked = query(request, after_version=number(0), limit=number(1, MAX_PAGE))
    after = cast("int", asked.get("after_version", 0))
    events = await ledger(request).events(treatment, after, cast("int", asked.get("limit", 500)))
    if events is None:
        raise not_found("treatment")
    return answers.json_answer(answers.FactPage(events, events[-1].version if events else after))


@router.get(
    "/v1/treatments/{treatment}/events/{version}",
    openapi_extra=documented("audit:read", {200: "Recorded.FeedItem"}, refusals=(404, 422)),
)
async def one_fact(request: Request) -> Response:
    """One fact as it was recorded."""
    treatment = asked_treatment(request)
    no_query(request)
    try:
        version = number(1)(request.path_params["version"])
    except NotReadable as error:
        raise invalid_query([FieldError("/path/version", str(error))]) from None
    event = await ledger(request).event(treatment, version)
    if event is None:
        raise not_found("fact")
    return answers.json_answer(event)
