"""Readiness notices a consumer that is dead, stalled or hears nothing; what waits for an operator is listed."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from services.monitoring import commands, running
from services.monitoring.api.app import create_app
from services.monitoring.facts import micros
from services.monitoring.health import Health
from services.monitoring.settings import Settings
from services.monitoring.store import checkpoints, workers
from services.monitoring.store.tables import checkpoint, worker
from services.monitoring.transport.feed import FeedTransport
from shared.clock import SystemClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import served, until
from tests.monitoring.feed_server import FeedServer, serving
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import opened, projector

HISTORY = people()[0].facts


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with serving(Logbook(HISTORY)) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with opened(f"sqlite:///{tmp_path}/monitoring.db") as database:
        yield database


def apart(store: Database, feed: FeedServer) -> Health:
    """The judgement of a process that only answers, where Kafka is the transport."""
    settings = Settings("unused", course_url=feed.url, kafka="127.0.0.1:9", embedded=False)
    return Health(settings, store, SystemClock(), None)


def read_whole(store: Database, feed: FeedServer, through: datetime) -> None:
    """As a consumer that has projected everything and was last told of `through`."""
    checkpoints.claim(store, "kafka", [0])
    projector(store).project(feed.log.deliveries)
    with store.write() as connection:
        connection.execute(update(checkpoint).values(position=len(HISTORY), known_through=micros(through)))


def beat(store: Database, ailing: str | None = None, age: float = 0) -> None:
    with store.write() as connection:
        workers.beat(connection, ailing)
        connection.execute(update(worker).values(beat_at=(time.time() - age) * 1_000_000))


def said(health: Health) -> tuple[bool, str]:
    ready, checks = health.checks()
    return ready, str(checks["feed"])


def test_a_consumer_that_lives_and_hears_is_ready(store: Database, feed: FeedServer) -> None:
    read_whole(store, feed, datetime.now(UTC))
    beat(store)
    assert said(apart(store, feed)) == (True, "ok")


def test_without_a_consumer_the_process_that_answers_is_not_ready(store: Database, feed: FeedServer) -> None:
    read_whole(store, feed, datetime.now(UTC))
    assert said(apart(store, feed)) == (False, "no consumer is at work: start `coursewatch monitoring consume`")
    beat(store, age=40)
    ready, feed_says = said(apart(store, feed))
    assert not ready
    assert re.match(r"the consumer gave no sign of life for 4\d s: start `coursewatch", feed_says)


def test_what_ails_the_consumer_is_said_by_the_process_that_answers(store: Database, feed: FeedServer) -> None:
    read_whole(store, feed, datetime.now(UTC))
    beat(store, "Kafka did not answer (NoBrokersAvailable)")
    assert said(apart(store, feed)) == (False, "Kafka did not answer (NoBrokersAvailable)")


def test_a_dead_relay_is_noticed_by_the_silence_of_kafka(store: Database, feed: FeedServer) -> None:
    read_whole(store, feed, datetime.now(UTC) - timedelta(seconds=45))
    beat(store)
    ready, feed_says = said(apart(store, feed))
    assert not ready
    assert re.match(r"nothing came from Kafka for 4\d s: is `coursewatch course relay` at work\?", feed_says)


def test_one_fact_that_waits_for_long_is_late_however_close_it_followed_the_last(
    store: Database, feed: FeedServer
) -> None:
    """Recorded a second after the last one, and then nobody read for a minute."""
    read_whole(store, feed, datetime.now(UTC) - timedelta(seconds=61))
    beat(store)
    last = feed.log.facts[-1]
    new = datetime.now(UTC) - timedelta(seconds=60)
    feed.log.facts.append(replace(last, position=last.position + 1, version=last.version + 1, recorded_at=new))
    ready, feed_says = said(apart(store, feed))
    assert not ready
    assert re.match(r"6\d s behind", feed_says)
    text = "\n".join(str(metric) for metric in apart(store, feed).measures())
    assert re.search(r"coursewatch_lag_positions'.*?value=1\.?0?,", text)
    assert re.search(r"coursewatch_oldest_unprocessed_fact_age_seconds'.*?value=6\d", text)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is meant to end
def test_a_consumer_thread_that_ended_is_told_until_the_process_is_started_again(
    tmp_path: Path, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(f"sqlite:///{tmp_path}/other.db", course_url=feed.url, clock="manual")
    with served(create_app(settings)) as address, httpx.Client(base_url=address) as asking:
        until(lambda: asking.get("/readyz").status_code == 200)
        monkeypatch.setattr(FeedTransport, "poll", _end_the_thread)
        until(lambda: asking.get("/readyz").status_code == 503)
        feed_says = asking.get("/readyz").json()["checks"]["feed"]
        assert feed_says == "the consumer has stopped: start this process again"
        assert asking.get("/v1/obligations").status_code == 200


def test_a_consumer_that_stands_still_is_told(
    tmp_path: Path, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "STALLED", 0.5)
    monkeypatch.setattr(FeedTransport, "poll", lambda *_: time.sleep(3) or [])
    settings = Settings(f"sqlite:///{tmp_path}/other.db", course_url=feed.url, clock="manual")
    with served(create_app(settings)) as address, httpx.Client(base_url=address) as asking:
        until(lambda: "has done nothing for" in asking.get("/readyz").json()["checks"]["feed"])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is meant to end
def test_a_process_that_only_consumes_ends_when_its_consumer_has(
    tmp_path: Path, feed: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BEAT", 0.1)
    monkeypatch.setattr(FeedTransport, "poll", _end_the_thread)
    monkeypatch.setattr(commands.signal, "signal", lambda *_: None)
    assert commands.consume(Settings(f"sqlite:///{tmp_path}/other.db", course_url=feed.url)) == 1


def test_whether_a_consumer_is_at_work_is_an_exit_code(
    tmp_path: Path, store: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(f"sqlite:///{tmp_path}/monitoring.db")
    assert commands.check(settings) == 1
    assert "no consumer is at work" in capsys.readouterr().err
    beat(store)
    assert commands.check(settings) == 0


def test_what_waits_for_an_operator_is_listed_by_opaque_ids(
    tmp_path: Path, store: Database, feed: FeedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(f"sqlite:///{tmp_path}/monitoring.db", course_url=feed.url, embedded=False, kafka="x")
    assert commands.waiting(settings) == 0
    first, *_, last = feed.log.deliveries
    projector(store).project([first, last])
    assert commands.waiting(settings) == 1
    out = capsys.readouterr().out
    assert f"  parked  {HISTORY[0].treatment}  gap at version {HISTORY[-1].version}, since " in out
    with served(create_app(settings)) as address:
        found = httpx.get(f"{address}/v1/operations/set-aside").json()
    assert (found["log"], found["parked_treatments"], found["unread_letters"]) == (None, 1, 0)
    assert found["parked"][0]["treatment"] == HISTORY[0].treatment


def _end_the_thread(*_: object) -> None:
    raise SystemExit
