"""The contract's own session holds in both layouts and on any dates, and survives the loss of all that is derived."""

from contextlib import closing

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
    with played(river, offset) as session:
        before = session.digests()
        lost_and_found(river, session)
        assert session.digests() == before


@moved
def test_the_session_holds_on_kafka_and_both_topics_and_projection_come_back_from_the_log(
    kafka_river: Broker, offset: int
) -> None:
    with played(kafka_river, offset) as session:
        before = session.digests()
        lost_and_found(kafka_river, session)
        assert session.digests() == before


def test_one_date_changed_by_sql_changes_the_digest_embedded(river: Embedded) -> None:
    with played(river, 0) as session:
        before = session.digests()
        change_one_date(f"sqlite:///{river.folder / 'monitoring.db'}")
        assert session.digests() != before


def test_one_date_changed_by_sql_changes_the_digest_on_postgresql(kafka_river: Broker) -> None:
    with played(kafka_river, 0) as session:
        before = session.digests()
        change_one_date(kafka_river.monitoring_db)
        assert session.digests() != before


def played(river: River, offset: int) -> closing[Session]:
    session = Session(river.course_url, river.monitoring_url, offset)
    try:
        session.play()
    except BaseException:
        session.close()
        raise
    return closing(session)


def lost_and_found(river: River, session: Session) -> None:
    river.stop()
    river.wipe()
    river.start()
    session.read(f"/v1/treatments/{session.treatment}", min_version=10)


def change_one_date(database: str) -> None:
    """Moves the second CBC by one day, in the projection's copy of the fact."""
    engine = create_engine(database)
    with engine.begin() as connection:
        item = bytes(connection.execute(text("select item from fact where version = 8")).scalar_one())
        assert item.count(b"2024-07-20T08:15") == 1
        moved = item.replace(b"2024-07-20T08:15", b"2024-07-21T08:15")
        connection.execute(text("update fact set item = :item where version = 8"), {"item": moved})
    engine.dispose()
