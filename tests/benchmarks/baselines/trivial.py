"""The same fact taken by FastAPI and pydantic as their tutorials do it: nothing is stored."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import BaseModel


class Result(BaseModel):
    code: str
    value: float | str | None = None
    unit: str | None = None
    status: str


class Data(BaseModel):
    specimen_id: str
    results: list[Result]


class Fact(BaseModel):
    type: str
    message_id: str
    occurred_at: datetime
    source: str
    author: str
    data: Data


class Answer(BaseModel):
    fact_id: UUID
    treatment: UUID
    version: int
    position: int
    recorded_at: datetime


app = FastAPI()


@app.post("/v1/treatments/{treatment}/events", status_code=201)
async def post_fact(treatment: UUID, fact: Fact) -> Answer:
    return Answer(fact_id=uuid4(), treatment=treatment, version=1, position=1, recorded_at=datetime.now(UTC))
