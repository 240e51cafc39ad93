"""The contract's own session holds in both layouts and on any dates, and survives the loss of all that is derived."""

import sqlite3

import pytest
from sqlalchemy import create_engine, text

from tests.end_to_end.contract_session import Session
from tests.end_to_end.layouts import Broker, Embedded, River

OFFSETS = {
    "as it is written": 0,
    "anchored on a month's last day": 16,  # 2024-05-31
    "anchored on a leap day": -76,  # 2024-02-29
}
moved = pytest.mark.parametrize("offset", OFFSETS.values(), ids=OFFSETS.keys())


@moved
def test_the_session_holds_embedded_and_the_projection_comes_back_from_the_log(river: Embedded, offset: int) -> None:
    session = played(river, offset)
    before = session.digests()
    lost_and_found(river)
    assert session.digests() == before


@moved
def test_the_session_holds_on_kafka_and_both_topics_and_projection_come_back_from_the_log(
    kafka_river: Broker, offset: int
) -> None:
    session = played(kafka_river, offset)
    before = session.digests()
    lost_and_found(kafka_river)
    assert session.digests() == before


def test_one_date_changed_by_sql_changes_the_digest_embedded(river: Embedded) -> None:
    session = played(river, 0)
    before = session.digests()
    with sqlite3.connect(next(river.folder.glob("monitoring.[ds]*"))) as database:
        change_one_date(lambda words, values: database.execute(words, values).fetchall())
    database.close()
    assert session.digests() != before


def test_one_date_changed_by_sql_changes_the_digest_on_postgresql(kafka_river: Broker) -> None:
    session = played(kafka_river, 0)
    before = session.digests()
    engine = create_engine(kafka_river.monitoring_db)
    with engine.begin() as connection:

        def run(words: str, values: dict[str, object]) -> list[tuple[object, ...]]:
            done = connection.execute(text(words), values)
            return [tuple(row) for row in done] if done.returns_rows else []

        change_one_date(run)
    engine.dispose()
    assert session.digests() != before


def played(river: River, offset: int) -> Session:
    session = Session(river.course_url, river.monitoring_url, offset)
    session.play()
    return session


def lost_and_found(river: River) -> None:
    river.stop()
    river.wipe()
    river.start()
    wait = Session(river.course_url, river.monitoring_url)
    (treatment,) = {item["treatment"] for item in wait.course.get("/v1/audit/events").json()["events"]}
    wait.read(f"/v1/treatments/{treatment}", min_version=10)


def change_one_date(run) -> None:  # type: ignore[no-untyped-def]
    """Moves the second CBC by one day, in the projection's copy of the fact."""
    ((item,),) = run("select item from fact where version = :version", {"version": 8})
    before = bytes(item)
    day = b'"occurred_at":"2024-07-'
    assert before.count(day + b"20") == 1
    run(
        "update fact set item = :item where version = :version",
        {"item": before.replace(day + b"20", day + b"21"), "version": 8},
    )
