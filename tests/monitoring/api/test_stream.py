"""The live stream over real HTTP: docs/contract.md §3.6."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import delete

from services.monitoring.api.app import create_app
from services.monitoring.api.state import Pace
from services.monitoring.settings import Settings
from services.monitoring.store.tables import announcement
from shared.database import Database
from tests.monitoring.api.serving import Listening, deaf_socket, listening, served, until
from tests.monitoring.api.telling import TREATMENT, draft, stream_name, tell, tell_slots

Store = tuple[Database, Settings]


@contextmanager
def stream(store: Store, query: str = "", last: str | None = None, pace: Pace | None = None) -> Iterator[Listening]:
    with (
        served(create_app(store[1], pace=pace)) as address,
        listening(address, query, {"Last-Event-ID": last} if last else None) as heard,
    ):
        yield heard


def test_a_new_listener_is_told_where_the_stream_stands_and_then_hears_what_happens(store: Store) -> None:
    tell_slots(store[0], range(1, 4))
    name = stream_name(store[0])
    with stream(store) as heard:
        assert heard.frame() == {"retry": "2000"}
        hello = heard.frame()
        assert (hello["event"], hello["id"]) == ("hello", f"{name}-3")
        assert json.loads(hello["data"]) == {"stream_position": f"{name}-3", "known_through": None}
        tell(store[0], draft(4))
        told = heard.frame()
    assert (told["event"], told["id"]) == ("became-overdue", f"{name}-4")
    assert json.loads(told["data"]) == {
        "announcement_id": f"{name}-4",
        "kind": "became-overdue",
        "effective_on": "2024-07-16",
        "obligation_id": f"{TREATMENT}.MON-01.e1.s4",
        "treatment": TREATMENT,
        "requirement": "MON-01",
        "site": "neuro-1",
        "due_on": "2024-07-15",
        "standing": "overdue",
        "caused_by": None,
        "known_at": "1970-01-01T00:00:00.000000Z",
        "edition": "alemtuzumab-ms@2024-01",
    }


def test_a_listener_that_resumes_misses_nothing_and_hears_nothing_twice_while_more_is_told(store: Store) -> None:
    database, name = store[0], stream_name(store[0])
    tell_slots(database, range(1, 1201))  # more than a page
    with served(create_app(store[1])) as address:
        heard: list[int] = []
        last = f"{name}-0"
        while len(heard) < 1300:
            with listening(address, headers={"Last-Event-ID": last}) as again:
                hello = again.event()
                assert (hello["event"], hello["id"]) == ("hello", last)
                if len(heard) == 0:
                    tell_slots(database, range(1201, 1301))
                for _ in range(260):  # then the connection breaks
                    event = again.event()
                    last = event["id"]
                    heard.append(int(last.rpartition("-")[2]))
    assert heard == list(range(1, 1301))


def test_the_header_wins_over_the_query(store: Store) -> None:
    tell_slots(store[0], range(1, 6))
    name = stream_name(store[0])
    with stream(store, f"?last_event_id={name}-1", last=f"{name}-4") as heard:
        heard.event()
        assert heard.event()["id"] == f"{name}-5"


def test_the_query_resumes_where_no_header_can_be_sent(store: Store) -> None:
    tell_slots(store[0], range(1, 6))
    name = stream_name(store[0])
    with stream(store, f"?last_event_id={name}-3") as heard:
        heard.event()
        assert heard.event()["id"] == f"{name}-4"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [("{name}-6", "ahead"), ("kffffffff-2", "other-stream"), ("what is this", "other-stream"), ("{name}-1", "expired")],
)
def test_a_listener_that_can_not_resume_is_told_why_and_goes_on_from_now(store: Store, asked: str, reason: str) -> None:
    database, name = store[0], stream_name(store[0])
    tell_slots(database, range(1, 6))
    with database.write() as connection:
        connection.execute(delete(announcement).where(announcement.c.n <= 3))
    with stream(store, last=asked.format(name=name)) as heard:
        reset = heard.event()
        assert (reset["event"], reset["id"]) == ("reset", f"{name}-5")
        assert json.loads(reset["data"]) == {"reason": reason, "stream_position": f"{name}-5"}
        tell(database, draft(9))
        assert heard.event()["id"] == f"{name}-6"


def test_a_listener_whose_next_announcement_is_still_kept_is_not_reset(store: Store) -> None:
    database, name = store[0], stream_name(store[0])
    tell_slots(database, range(1, 6))
    with database.write() as connection:
        connection.execute(delete(announcement).where(announcement.c.n <= 3))
    with stream(store, last=f"{name}-3") as heard:
        assert heard.event()["event"] == "hello"
        assert heard.event()["id"] == f"{name}-4"


def test_a_filter_lets_through_only_what_was_asked_for(store: Store) -> None:
    database, name = store[0], stream_name(store[0])
    wanted = draft(5, "satisfied", "MON-02", "east")
    tell(
        database, draft(1), draft(2, "satisfied"), draft(3, "satisfied", "MON-02"), draft(4, "became-due", site="east")
    )
    tell(database, wanted)
    query = f"?kind=satisfied&requirement=MON-02&requirement=MON-03&site=east&treatment={TREATMENT}"
    with stream(store, query, last=f"{name}-0") as heard:
        assert heard.event()["event"] == "hello"
        assert heard.event()["id"] == f"{name}-5"


def test_a_quiet_stream_shows_that_it_lives_and_moves_past_what_was_filtered_out(store: Store) -> None:
    database, name = store[0], stream_name(store[0])
    with stream(store, "?kind=satisfied", pace=Pace(keep_alive=0.3)) as heard:
        heard.event()
        tell(database, draft(1))
        seen = [heard.frame() for _ in range(4)]
    assert [frame for frame in seen if ":" in frame] == [{":": "keep-alive"}] * 2
    last = seen[-1]
    assert (last["event"], last["id"]) == ("heartbeat", f"{name}-1")
    assert set(json.loads(last["data"])) == {"stream_position", "known_through"}


def test_a_listener_that_takes_nothing_is_dropped_and_the_others_hear_on(store: Store) -> None:
    database, name = store[0], stream_name(store[0])
    told = 12_000  # more than the buffers between the two sockets hold
    tell_slots(database, range(told))
    with (
        served(create_app(store[1], pace=Pace(stall=1))) as address,
        deaf_socket(address, f"/v1/obligations/stream?last_event_id={name}-0"),
        listening(address, headers={"Last-Event-ID": f"{name}-0"}) as heard,
    ):
        assert [heard.event()["id"] for _ in range(told + 1)] == [f"{name}-{n}" for n in range(told + 1)]
        until(lambda: listeners(address) == 1)
        tell(database, draft(told))
        assert heard.event()["id"] == f"{name}-{told + 1}"


def listeners(address: str) -> int:
    text = httpx.get(f"{address}/metrics").text
    found = re.search(r"^coursewatch_stream_listeners (\d+)(?:\.0)?$", text, re.MULTILINE)
    return int(found[1]) if found else 0
