"""Pages of one walk are one snapshot, whatever arrives meanwhile: docs/contract.md §3.2."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from services.monitoring.api.app import create_app
from services.monitoring.facts import micros
from services.monitoring.settings import Settings
from services.monitoring.store.tables import announcement, checkpoint
from shared.clock import ManualClock
from shared.database import Database
from shared.texts import write_instant
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked

Store = tuple[Database, Settings]
LIST = "/v1/obligations"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2025, 6, 1, 11, tzinfo=UTC))


@pytest.fixture
def asked(store: Store, clock: ManualClock) -> Iterator[Asked]:
    with Asked(create_app(store[1], clock)) as asking:
        yield asking


def walk(asked: Asked, query: str, limit: int = 7) -> Iterator[dict[str, Any]]:
    """The pages of a list, one by one."""
    page = asked.get(f"{LIST}?limit={limit}{query}").json()
    yield page
    while page["next_cursor"]:
        answer = asked.get(f"{LIST}?limit={limit}&cursor={page['next_cursor']}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page


@pytest.mark.parametrize("query", ["", "&on=2024-09-20&sort=-due_on", "&sort=site&known_at=2030-01-01"])
def test_a_walk_is_the_list_of_its_beginning_while_facts_arrive_and_midnight_passes(
    store: Store, asked: Asked, clock: ManualClock, query: str
) -> None:
    cohort = people()[:4]
    log = Log(store[0])
    log.deliver(*cohort)
    whole = asked.get(f"{LIST}?limit=500{query}").json()
    pages, clocks, totals = [], [], []
    for number, page in enumerate(walk(asked, query)):
        pages += page["obligations"]
        clocks.append(page["clocks"])
        totals.append(page["total"])
        late = cohort[number % len(cohort)]
        late.cbc("2024-09-12", known=f"2025-06-0{2 + number}")
        log.deliver_facts(late.facts[-1:])
        clock.set(datetime(2025, 6, 2 + number, 11, tzinfo=UTC))
    assert len(pages) > 14
    assert pages == whole["obligations"]
    assert set(totals) == {whole["total"]} == {len(pages)}
    assert all(one == clocks[0] for one in clocks)
    assert asked.get(f"{LIST}?limit=500{query}").json()["obligations"] != pages


def test_where_partitions_run_apart_a_walk_shows_what_all_of_them_know(store: Store, asked: Asked) -> None:
    cohort = people()[:2]
    Log(store[0]).deliver(*cohort)
    slowest = cohort[0].facts[-4].recorded_at
    with store[0].write() as connection:
        connection.execute(delete(checkpoint))
        for partition, through in enumerate((datetime(2025, 1, 1, tzinfo=UTC), slowest)):
            row = {"source": "topic", "partition": partition, "position": 9, "known_through": micros(through)}
            connection.execute(insert(checkpoint), [row])
    pages = list(walk(asked, "&on=2024-11-01"))
    known_at = write_instant(slowest)
    then = asked.get(f"{LIST}?limit=500&on=2024-11-01&known_at={known_at}").json()["obligations"]
    assert [row for page in pages for row in page["obligations"]] == then
    assert {page["clocks"]["known_at"] for page in pages} == {known_at}
    assert asked.get(f"{LIST}?limit=500&on=2024-11-01").json()["obligations"] != then
    position = {page["clocks"]["stream_position"] for page in pages}
    with store[0].read() as connection:
        told = connection.execute(select(announcement.c.n, announcement.c.known_at).order_by(announcement.c.n)).all()
    first_later = next(n for n, at in told if at > micros(slowest))
    assert {one.rpartition("-")[2] for one in position} == {str(first_later - 1)}


def test_a_list_of_one_page_has_no_cursor(store: Store, asked: Asked) -> None:
    Log(store[0]).deliver(*people()[:1])
    page = asked.get(f"{LIST}?limit=8").json()
    assert (len(page["obligations"]), page["total"], page["next_cursor"]) == (8, 8, None)
    assert asked.get(f"{LIST}?limit=7").json()["next_cursor"] is not None


def test_what_a_cursor_pins_may_be_repeated_but_not_changed(store: Store, asked: Asked) -> None:
    Log(store[0]).deliver(*people()[:2])
    began = "&standing=overdue&site=neuro-1&due_before=2025-01-01&min_days_overdue=0&on=2024-09-20&sort=site"
    cursor = asked.get(f"{LIST}?limit=2{began}").json()["next_cursor"]
    assert asked.get(f"{LIST}?limit=3{began}&cursor={cursor}").status_code == 200
    changes = "standing=due site=south due_before=2025-01-02 min_days_overdue=1 on=2024-09-21 sort=due_on"
    for changed in [*changes.split(), "known_at=2024-09-20", "requirement=MON-01"]:
        answer = asked.get(f"{LIST}?limit=3&{changed}&cursor={cursor}")
        assert answer.status_code == 422, changed
        assert answer.json()["errors"] == [
            {
                "pointer": f"/query/{changed.partition('=')[0]}",
                "message": "must be left out beside a cursor, or be what the list began with",
            }
        ]


def test_a_cursor_that_no_list_gave_is_refused(store: Store, asked: Asked) -> None:
    Log(store[0]).deliver(*people()[:1])
    cursor = asked.get(f"{LIST}?limit=2").json()["next_cursor"]
    told = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    forged: list[dict[str, Any]] = [
        {"now": -1},
        {"now": 2**61},
        {"ceiling": "x"},
        {"known_at": "x"},
        {"last": ["a", "b", "c"]},
        {"last": [1, "\0", "c"]},
    ]
    for broken in ["x", cursor[:-5], *(written(told | change) for change in forged)]:
        answer = asked.get(f"{LIST}?cursor={broken}")
        assert answer.status_code == 422, broken
        assert answer.json()["errors"][0]["pointer"] == "/query/cursor"
    other = written(told | {"edition_sha256": "0" * 64})
    assert "another edition" in asked.get(f"{LIST}?cursor={other}").json()["errors"][0]["message"]


def written(cursor: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode().rstrip("=")
