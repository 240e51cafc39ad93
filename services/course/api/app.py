"""The course service's composition root: settings -> an application whose lifespan opens and closes the ledger."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from services.course.api import events, feed, many, operations, quarantine, schemas, treatments
from services.course.api.requests import not_stored
from services.course.application import Ledger, StoreUnavailable
from services.course.settings import Settings
from shared import problems
from shared.clock import Clock, ManualClock, SystemClock
from shared.json_scanner import MalformedJson
from shared.metrics import CountAnswers, Metrics
from shared.strict_json import InvalidJson, malformed


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """One application on one store.

    A manual clock starts at the last recorded instant, or at 1970 where the log is empty. The lifespan raises
    shared.database.DatabaseError, with a sentence for the operator, if the store can't be used.
    """
    ticking = clock or (ManualClock() if settings.clock == "manual" else SystemClock())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = Ledger.open(settings.database, ticking)
        try:
            if isinstance(ticking, ManualClock) and (last := (await ledger.head()).recorded_at) is not None:
                ticking.set(max(last, ticking.now()))
            app.state.ledger = ledger
            yield
        finally:
            ledger.close()

    app = FastAPI(
        title="Coursewatch course service",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the address, and lose the body
    )
    app.state.settings, app.state.clock, app.state.metrics = settings, ticking, Metrics()
    for part in (treatments, events, many, feed, quarantine, operations):
        app.include_router(part.router)
    if isinstance(ticking, ManualClock):
        app.include_router(operations.clock_router)
    _refusals(app)
    problems.install(app)
    app.add_middleware(CountAnswers, metrics=app.state.metrics)
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
        if app.openapi_schema is None:
            document = made()
            document.setdefault("components", {})["schemas"] = schemas.components()
            for path, operations_of in document["paths"].items():
                named = [
                    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                    for name in re.findall(r"{(\w+)}", path)
                ]
                for operation in operations_of.values():
                    operation["parameters"] = named + operation.get("parameters", [])
        return made()

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document
