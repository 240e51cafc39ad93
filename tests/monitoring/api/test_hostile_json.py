"""Hostile JSON at every body route of the monitoring service: a 4xx that names the field, nothing moved or stored."""

import asyncio

import httpx
from sqlalchemy import func, select

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from services.monitoring.store.tables import metadata
from shared.database import Database
from tests.hostile_json import Route, body_routes, complaint, hostile

Store = tuple[Database, Settings]
TREATMENT = "0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41"  # nobody's: a body is read before it is asked whose it is


def rows(database: Database) -> dict[str, int]:
    with database.read() as connection:
        tables = metadata.sorted_tables
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
        }


async def ask_all(settings: Settings) -> tuple[list[Route], list[str]]:
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://monitoring") as asking,
    ):
        routes = body_routes((await asking.get("/openapi.json")).json())
        complaints: list[str] = []
        for route in routes:
            for sent in hostile(route.example, route.media_type):
                headers = {"content-type": sent.media_type} if sent.media_type else {}
                path = route.path.replace("{treatment}", TREATMENT)
                answer = await asking.request(route.method, path, content=sent.content, headers=headers)
                complaints += [found] if (found := complaint(answer, sent)) else []
        # Had a hostile body moved the clock, this earlier instant would be refused.
        assert (await asking.put("/v1/clock", json={"now": "1970-01-01T00:00:01Z"})).status_code == 200
        return routes, complaints


def test_every_hostile_body_is_refused_and_neither_the_clock_nor_a_row_moves(store: Store) -> None:
    before = rows(store[0])
    routes, complaints = asyncio.run(ask_all(store[1]))
    assert [(route.method, route.path) for route in routes] == [
        ("POST", "/v1/treatments/{treatment}/simulate"),
        ("PUT", "/v1/clock"),
    ]
    assert complaints == []
    assert rows(store[0]) == before
