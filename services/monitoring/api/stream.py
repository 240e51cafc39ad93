"""`GET /v1/obligations/stream`: what is announced, as it is announced (docs/contract.md §3.6)."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.monitoring.api import parameters as p
from services.monitoring.api.asking import known_requirements
from services.monitoring.api.documents import refer, refusals, scoped
from services.monitoring.api.event_stream import EventStream
from services.monitoring.api.events import EVENTS
from services.monitoring.api.listener import Wanted, listen
from services.monitoring.api.query import Query
from services.monitoring.api.state import state
from shared.openapi import parameter
from shared.problems import Problem

router = APIRouter(tags=["stream"])
MOST_LISTENERS: Final = 1_000
_STREAM = [p.REQUIREMENT, p.SITE, p.TREATMENT, p.KIND, p.LAST_EVENT_ID]
_RESUME = parameter("Last-Event-ID", "header", "Resume after this position.", {"type": "string"})
_DOCUMENT: dict[str, Any] = {
    **scoped("obligations:read", _STREAM),
    "responses": {
        "200": {
            "description": "Server-sent events: hello, announcements, heartbeat, reset; each as its fields are read",
            "content": {"text/event-stream": {"schema": {"oneOf": [refer(kind) for kind in EVENTS]}}},
        },
        **refusals(422, 503),
    },
}
_DOCUMENT["parameters"].append(_RESUME)


@router.get("/v1/obligations/stream", openapi_extra=_DOCUMENT)
async def stream(request: Request) -> Response:
    """Announcements as server-sent events; resumes after Last-Event-ID, or says that it can't."""
    query = Query(request, _STREAM)
    wanted = Wanted(
        requirement=known_requirements(request, query),
        site=query.many(p.SITE),
        treatment=query.many(p.TREATMENT),
        kind=query.many(p.KIND),
    )
    resume_after = request.headers.get("last-event-id") or query.one(p.LAST_EVENT_ID)
    running = state(request)
    if running.tail.listeners >= MOST_LISTENERS:
        detail = "As many streams are open as this process serves. Try again in a moment."
        raise Problem(503, "try-again", "Try again", detail, headers={"Retry-After": "5"})
    frames = listen(running.tail, wanted, resume_after, running.pace.keep_alive)
    return EventStream(frames, running.tail.listening(), running.pace.stall)
