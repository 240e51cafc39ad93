"""Hostile JSON at every body route: a 4xx that names the field, no value echoed, no row written anywhere."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.bodies import BODY_LIMIT
from tests.course.api.course import Course
from tests.hostile_json import SECRET, Hostile, Route, body_routes, complaint, hostile

ROUTES = 7


def send(course: Course, route: Route, sent: Hostile) -> httpx.Response:
    path = route.path.replace("{treatment}", course.open())
    headers = {"content-type": sent.media_type} if sent.media_type else {}
    return course.request(route.method, path, content=sent.content, headers=headers)


def routes(course: Course) -> list[Route]:
    found = body_routes(course.get("/openapi.json").json())
    assert len(found) == ROUTES, "a new body route: it is tested here, count it"
    return found


def test_what_the_examples_say_is_accepted_and_stored(course: Course) -> None:
    before = course.rows()
    for route in routes(course):
        answer = course.request(
            route.method,
            route.path.replace("{treatment}", course.open()),
            json=route.example,
            headers={"content-type": route.media_type},
        )
        assert answer.status_code in {200, 201, 202}, (route.path, answer.text)
        assert "problem" not in answer.text, (route.path, answer.text)
    grown = {table for table, count in course.rows().items() if count > before[table]}
    assert len(grown) >= 4, "the twin of `nothing is stored`: the same tables do grow"


@pytest.mark.parametrize("number", range(ROUTES))
def test_every_hostile_body_is_refused_and_nothing_is_stored(course: Course, number: int) -> None:
    route = routes(course)[number]
    course.open()
    before, clock = course.rows(), course.get("/readyz").json()
    sent = list(hostile(route.example, route.media_type))
    assert len(sent) > 20
    answers = [(each, send(course, route, each)) for each in sent]
    assert [found for each, answer in answers if (found := complaint(answer, each))] == []
    assert course.rows() == before
    assert course.get("/readyz").json() == clock


@pytest.mark.parametrize("number", range(ROUTES))
def test_a_body_over_the_limit_is_refused_whatever_its_length_claims(course: Course, number: int) -> None:
    route = routes(course)[number]
    path = route.path.replace("{treatment}", course.open())
    before = course.rows()
    limit = BODY_LIMIT if route.path != "/v1/events" else 32 * BODY_LIMIT

    async def too_much() -> Any:
        for _ in range(limit // 65536 + 1):
            yield b" " * 65536

    kind = {"content-type": route.media_type}
    honest = course.request(route.method, path, content=b" " * (limit + 1), headers=kind)
    chunked = course.request(route.method, path, content=too_much(), headers=kind)
    lying = course.request(route.method, path, content=too_much(), headers=kind | {"content-length": "2"})
    for answer in (honest, chunked, lying):
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:coursewatch:problem:too-large")
    assert course.rows() == before


def test_a_plain_fastapi_route_would_be_caught_by_this_list(course: Course) -> None:
    """The negative control: an application without the policy fails on nearly every kind."""
    lax = FastAPI()

    @lax.post("/facts", status_code=201)
    async def store(body: dict[str, Any]) -> dict[str, str]:
        return {"stored": body.get("author", "")}

    route = next(route for route in routes(course) if route.path.endswith("/events"))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(lax, raise_app_exceptions=False), base_url="http://lax")

    def complaints() -> Iterator[str]:
        for each in hostile(route.example, route.media_type):
            headers = {"content-type": each.media_type}
            answer = course.run(client.post("/facts", content=each.content, headers=headers))
            if found := complaint(answer, each):
                yield found

    text = "\n".join(complaints())
    for kind in (
        "NaN",
        "1e400",
        "NUL",
        "duplicate key",
        "unknown field",
        "boolean",
        "naive datetime",
        "epoch",
        "too deep",
    ):
        assert f"{kind} at" in text
    assert "the value was echoed" in text
    assert SECRET not in text
    course.run(client.aclose())
