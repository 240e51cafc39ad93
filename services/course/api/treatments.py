"""Opening a treatment, and the directory: lookup and labels without an identifier in any address (§1.1)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.course.api import answers, schemas
from services.course.api.documents import SENDER, documented, link
from services.course.api.requests import envelope, ledger, no_query, question, reading
from services.course.domain.submission import Identifier
from services.course.ingest.bodies import LabelsBody, LookupBody, OpeningBody
from services.course.ingest.openings import read_opening
from shared.bodies import read_json
from shared.texts import read_uuid

router = APIRouter(tags=["treatments"])
_POST_TO = "$response.body#/treatment"
_OPENED = {
    "events": link("facts_of_treatment", "What is recorded of it.", treatment=_POST_TO),
    "record": link("post_fact", "Record what happens.", treatment=_POST_TO),
}
_FOUND = {
    "events": link("facts_of_treatment", "What is recorded of the first.", treatment="$response.body#/treatments/0")
}


@router.post(
    "/v1/treatments",
    openapi_extra=documented(
        "facts:write",
        {201: "OpenedAnswer", 200: "OpenedAnswer"},
        body=schemas.body(OpeningBody),
        takes=(SENDER,),
        links=_OPENED,
    ),
)
async def open_treatment(request: Request) -> Response:
    """Open the treatment of a patient on a protocol; the same identifier always gives the same treatment."""
    no_query(request)
    who = envelope(request, with_key=False)
    body = await read_json(request)
    opening = await reading(body, lambda: read_opening(body, who.sender, who.traceparent))
    return answers.opened(await ledger(request).open_treatment(opening))


@router.post(
    "/v1/treatments/lookup",
    openapi_extra=documented("facts:write", {200: "Treatments"}, body=schemas.body(LookupBody), links=_FOUND),
)
async def look_up(request: Request) -> Response:
    """Find the treatments of an identifier; an empty list if there are none."""
    no_query(request)
    asked = await question(request, LookupBody)
    identifier = Identifier(asked.identifier.system, asked.identifier.value)
    return answers.json_answer(answers.Treatments(await ledger(request).lookup(identifier)))


@router.post(
    "/v1/treatments/labels",
    openapi_extra=documented("obligations:read", {200: "Labels"}, body=schemas.body(LabelsBody)),
)
async def label(request: Request) -> Response:
    """Names and identifiers of treatments, for a screen; treatments that nobody opened are left out."""
    no_query(request)
    asked = await question(request, LabelsBody)
    labels = await ledger(request).labels([read_uuid(treatment) for treatment in asked.treatments])
    return answers.json_answer(answers.Labels({str(treatment): named for treatment, named in labels.items()}))
