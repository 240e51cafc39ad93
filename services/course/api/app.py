"""The course service's composition root: settings -> an application whose lifespan opens and closes the ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from services.course.api import events, feed, many, operations, quarantine, schemas, treatments
from services.course.api.requests import not_stored
from services.course.application import Ledger, StoreUnavailable
from services.course.counts import Counts
from services.course.settings import Settings
from shared import problems
from shared.clock import Clock, ManualClock, SystemClock
from shared.json_scanner import MalformedJson
from shared.metrics import CountAnswers, Metrics
from shared.openapi import POSITION, UUID, about, complete
from shared.strict_json import InvalidJson, malformed

_ABOUT = about(
    "Coursewatch course service",
    "Records what happened in a treatment, once and for good, and serves the log (docs/contract.md §1).",
    {
        "treatments": "Open a treatment, and find it again without an identifier in an address.",
        "facts": "Post what happened and read it back.",
        "audit": "The whole log in order.",
        "operations": "For whoever runs it.",
    },
)
_PARTS = {"treatment": UUID, "quarantine_id": UUID, "version": POSITION | {"minimum": 1}}


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """One application on one store.

    A manual clock starts at the last recorded instant, or at 1970 where the log is empty. The lifespan raises
    shared.database.DatabaseError, with a sentence for the operator, if the store can't be used.
    """
    ticking = clock or (ManualClock() if settings.clock == "manual" else SystemClock())

    metrics = Metrics()
    counts = Counts(metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = Ledger.open(settings.database, ticking, told=counts.told)
        try:
            if isinstance(ticking, ManualClock) and (last := (await ledger.head()).recorded_at) is not None:
                ticking.set(max(last, ticking.now()))
            loop = asyncio.get_running_loop()
            app.state.ledger = ledger
            # By the loop's own hand: a signal may come while this thread holds the lock that ringing needs.
            app.state.hang_up = lambda: loop.call_soon_threadsafe(ledger.hang_up)
            yield
        finally:
            ledger.close()

    app = FastAPI(
        **_ABOUT,
        lifespan=lifespan,
        default_response_class=Response,  # or the document says JSON beside what a route says itself
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the address, and lose the body
    )
    app.state.settings, app.state.clock, app.state.metrics = settings, ticking, metrics
    for part in (treatments, events, many, feed, quarantine, operations):
        app.include_router(part.router)
    if isinstance(ticking, ManualClock):
        app.include_router(operations.clock_router)
    _refusals(app)
    problems.install(app)
    app.add_middleware(CountAnswers, metrics=metrics)
    _document(app)
    return app


def _refusals(app: FastAPI) -> None:
    @app.exception_handler(MalformedJson)
    async def on_malformed(_: Request, error: MalformedJson) -> Response:
        return problems.response(malformed(error))

    @app.exception_handler(InvalidJson)
    async def on_invalid(_: Request, error: InvalidJson) -> Response:
        return problems.response(not_stored(error.errors))

    @app.exception_handler(StoreUnavailable)
    async def on_unavailable(_: Request, error: StoreUnavailable) -> Response:  # noqa: ARG001 -- it has nothing to tell
        return problems.response(problems.try_again())


def _document(app: FastAPI) -> None:
    """Adds what FastAPI does not see because the doors read bytes: the bodies' schemas and the parts of the paths."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        return made() if app.openapi_schema is not None else complete(made(), schemas.components(), _PARTS)

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document
