"""The monitoring service's composition root: settings -> an application whose lifespan opens and closes everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.monitoring.api import (
    audit,
    cohort,
    explanation,
    infusions,
    operations,
    outlook,
    rules,
    stream,
    treatments,
)
from services.monitoring.api.background import Background
from services.monitoring.api.documents import finished
from services.monitoring.api.state import Pace, State, state
from services.monitoring.api.tail import Tail
from services.monitoring.dashboard import router as dashboard
from services.monitoring.reading.clocks import from_microseconds
from services.monitoring.reading.library import open_library
from services.monitoring.reading.reader import Reader
from services.monitoring.settings import Settings
from services.monitoring.store import tables
from services.monitoring.store.announcements import start_stream
from services.monitoring.store.editions import start
from shared import problems
from shared.clock import Clock, ManualClock, SystemClock
from shared.database import UNAVAILABLE, Database, open_database
from shared.json_scanner import MalformedJson
from shared.metrics import CountAnswers, Metrics
from shared.openapi import about
from shared.strict_json import InvalidJson, malformed, unreadable

_CONNECTIONS = 10
_ABOUT = about(
    "Coursewatch monitoring service",
    "Judges what is due and overdue, for any date and for what was known on any other (docs/contract.md §3).",
    {
        "stream": "What changes, as it changes.",
        "cohort": "All treatments: the worklist and its totals.",
        "treatment": "One treatment: at a glance, slot by slot, fact by fact.",
        "rules": "What a protocol asks for, and whose rule it is.",
        "audit": "Equal answers, proved by one hash.",
        "operations": "For whoever runs it.",
    },
)


def create_app(settings: Settings, clock: Clock | None = None, pace: Pace | None = None) -> FastAPI:
    """One application on one store; with `settings.embedded` it also reads the feed and announces.

    A manual clock starts at the last recorded instant, or at 1970 where nothing is recorded. The lifespan raises
    shared.database.DatabaseError, with a sentence for the operator, if the store can't be used.
    """
    ticking = clock or (ManualClock() if settings.clock == "manual" else SystemClock())
    counts = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # A SQLite file has one owner: the process that also projects.
        write = settings.embedded or not settings.database.startswith("sqlite")
        database = open_database(settings.database, "monitoring", write=write, connections=_CONNECTIONS)
        try:
            if write:
                with database.write() as connection:
                    start_stream(connection)
            _set_to_last_recorded(ticking, database)
            library = open_library(settings.profile, ticking)
            with database.read() as connection:
                start(connection, library.editions)
            tail = Tail(database)
            await tail.start()
            background = Background(settings, database, library, ticking, counts, tail.wake)
            app.state.running = State(
                settings, database, Reader(database, library), ticking, tail, background, counts, pace or Pace()
            )
            app.state.hang_up = tail.hang_up
            background.start()
            following = asyncio.create_task(tail.run())
            try:
                yield
            finally:
                tail.stop()
                await following
                await run_in_threadpool(background.stop)
        finally:
            database.close()

    app = FastAPI(
        **_ABOUT,
        lifespan=lifespan,
        default_response_class=Response,  # or the document says JSON beside what a route says itself
        docs_url=None,
        redoc_url=None,
    )
    # The stream first: /v1/obligations/stream is no obligation's id.
    for part in (stream, cohort, explanation, treatments, infusions, outlook, rules, audit, operations):
        app.include_router(part.router)
    app.include_router(dashboard.build(lambda request: state(request).reader, settings.course_url))
    if isinstance(ticking, ManualClock):
        app.include_router(operations.clock_router)
    _refusals(app)
    problems.install(app)
    app.add_middleware(CountAnswers, metrics=counts)
    _document(app, settings)
    return app


def _set_to_last_recorded(clock: Clock, database: Database) -> None:
    if not isinstance(clock, ManualClock):
        return
    with database.read() as connection:
        last = connection.execute(select(func.max(tables.fact.c.recorded_at))).scalar_one()
    if last is not None:
        clock.set(max(from_microseconds(last), clock.now()))


def _refusals(app: FastAPI) -> None:
    @app.exception_handler(MalformedJson)
    async def on_malformed(_: Request, error: MalformedJson) -> Response:
        return problems.response(malformed(error))

    @app.exception_handler(InvalidJson)
    async def on_invalid(_: Request, error: InvalidJson) -> Response:
        return problems.response(unreadable(error))

    @app.exception_handler(SQLAlchemyError)
    async def on_store_down(_: Request, error: SQLAlchemyError) -> Response:
        if not isinstance(error, UNAVAILABLE):
            raise error
        return problems.response(problems.try_again())


def _document(app: FastAPI, settings: Settings) -> None:
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return made()
        return finished(made(), open_library(settings.profile, SystemClock()).requirements)

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document
