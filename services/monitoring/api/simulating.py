"""The document of `POST /v1/treatments/{treatment}/simulate`: its body, its example and its refusals."""

from collections.abc import Sequence
from typing import Any

from services.monitoring.api.documents import refer, refusals, scoped
from services.monitoring.api.query import Parameter
from services.monitoring.reading.hypothetical import SimulationBody
from services.monitoring.reading.simulation import Simulation
from shared.openapi import Schema, header, problem_answer

EXAMPLE: dict[str, Any] = {
    "facts": [
        {
            "type": "InfusionAdministered",
            "occurred_at": "2025-05-19T10:00:00-04:00",
            "source": "urn:hospital:plan",
            "author": "planner-1",
            "data": {"dose_mg": 12},
        }
    ]
}
_ANSWERS: Schema = {
    "400": problem_answer("`malformed-json`"),
    "413": problem_answer("`too-large`"),
    "415": problem_answer("`unsupported-media-type`"),
}


def simulating(parameters: Sequence[Parameter[Any]]) -> dict[str, Any]:
    """What FastAPI adds to the route's document."""
    answer = {
        "description": "The answer",
        "headers": {"Cache-Control": header("Nobody keeps it.", {"type": "string"})},
        "content": {"application/json": {"schema": refer(Simulation)}},
    }
    body = {"schema": refer(SimulationBody), "example": EXAMPLE}
    return scoped("obligations:read", parameters) | {
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": answer} | _ANSWERS | refusals(404, 422, 503),
    }
