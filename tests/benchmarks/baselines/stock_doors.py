"""The product's doors for one fact and for many, on `stock`: COURSEWATCH_BENCH_DB is the address of its database."""

import os
from uuid import UUID

import msgspec
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.course.ingest.facts import Envelope, read_fact, read_item
from services.course.ingest.many import split_lines
from tests.benchmarks.baselines.stock import stock

app = FastAPI()
application = stock(os.environ["COURSEWATCH_BENCH_DB"])
WHO = Envelope("local")


@app.post("/v1/treatments/{treatment}/events")
async def post_fact(treatment: UUID, request: Request) -> Response:
    """One fact, one save; beside the event loop, for the library blocks."""
    submission = read_fact(await request.body(), treatment, WHO)
    positions = await run_in_threadpool(application.record, [submission])
    return Response(msgspec.json.encode({"position": positions[0]}), 201, media_type="application/json")


@app.post("/v1/events")
async def post_many(request: Request) -> Response:
    """Many facts, one save."""
    body = await request.body()
    submissions = [read_item(line, index, WHO) for index, line in enumerate(split_lines(body))]
    positions = await run_in_threadpool(application.record, submissions)
    return Response(msgspec.json.encode({"positions": positions}), 200, media_type="application/json")
