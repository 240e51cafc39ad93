"""A store that is down stores nothing, says so, and is found again without a restart; a lost reply loses nothing."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, exc, text

from services.course.application import Ledger, StoreUnavailable
from services.course.domain.outcome import Stored
from shared.clock import SystemClock
from tests.course.ledgers import assert_gapless, infusion, opened, patient, record, run, stored, whole_log
from tests.real_parts.postgres import PostgresServer


@contextmanager
def lost_replies(ledger: Ledger, count: int = 1) -> Iterator[None]:
    """The next commits happen, but their replies do not arrive."""
    database = ledger._database
    write = database.write
    left = count

    @contextmanager
    def losing() -> Iterator[Connection]:
        nonlocal left
        with write() as connection:
            yield connection
        if left:
            left -= 1
            raise exc.OperationalError("COMMIT", {}, ConnectionResetError())

    database.write = losing  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.write = write  # type: ignore[method-assign]


@contextmanager
def no_space(log: Path) -> Iterator[None]:
    """No file of this process may grow any more, SQLite's write-ahead log least of all."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_lost_reply_to_a_commit_still_gets_the_first_answer(ledger: Ledger) -> None:
    with lost_replies(ledger):
        treatment = opened(ledger)
    with lost_replies(ledger):
        first, second = record(ledger, infusion(treatment.treatment, key="a"), infusion(treatment.treatment, key="a"))

    assert treatment.created
    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert (first.replayed, second.replayed) == (False, True)
    assert len(whole_log(ledger)) == 2


def test_a_sender_who_was_told_to_try_again_after_a_lost_reply_gets_the_original_answer(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    with lost_replies(ledger, 2), pytest.raises(StoreUnavailable):
        record(ledger, infusion(treatment, key="a"))

    again = stored(ledger, infusion(treatment, key="a"))

    assert (again.version, again.replayed) == (2, True)
    assert len(whole_log(ledger)) == 2


def test_a_store_that_stops_taking_facts_is_logged_once_with_its_cause_and_once_when_it_is_over(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    treatment = opened(ledger).treatment
    with lost_replies(ledger, 4):
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                record(ledger, infusion(treatment, key="a"))
    stored(ledger, infusion(treatment, key="a"))
    stored(ledger, infusion(treatment, key="b"))

    assert [line.getMessage() for line in caplog.records] == [
        "The store takes no facts (ConnectionResetError); senders are told to try again.",
        "The store takes facts again.",
    ]


def test_a_full_disk_is_told_by_its_name_and_nothing_is_stored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'course.db'}", SystemClock())
    treatment = opened(ledger).treatment
    with ledger._database.write() as connection:
        pages = connection.scalar(text("pragma page_count"))
        connection.execute(text(f"pragma max_page_count = {pages}"))
    with pytest.raises(StoreUnavailable):
        record(ledger, *(infusion(treatment, key=str(n)) for n in range(200)))
    assert "SQLITE_FULL" in caplog.text
    assert len(whole_log(ledger)) == 1
    ledger.close()


def test_a_full_disk_is_known_until_there_is_space_again_though_no_sender_comes(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'course.db'}", SystemClock())
    treatment = opened(ledger).treatment
    assert run(ledger.will_take_facts())
    with no_space(tmp_path / "course.db-wal"):
        with pytest.raises(StoreUnavailable):
            record(ledger, infusion(treatment, key="a"))
        assert not run(ledger.will_take_facts())
        assert run(ledger.head()).position == 1
    assert run(ledger.will_take_facts())
    assert len(whole_log(ledger)) == 1
    ledger.close()


def test_asking_the_store_whether_it_takes_facts_changes_nothing_but_has_to_be_written(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    before = run(ledger.feed(0, 10))
    with lost_replies(ledger, 2), pytest.raises(StoreUnavailable):
        record(ledger, infusion(treatment, key="a"))

    with lost_replies(ledger, 2):
        assert not run(ledger.will_take_facts())
    assert run(ledger.will_take_facts())

    assert run(ledger.feed(0, 1)).events == before.events
    assert stored(ledger, infusion(treatment, key="b")).version == 3


def test_a_page_that_cannot_be_read_is_an_outage_and_no_mistake_of_the_request(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "course.db"
    ledger = Ledger.open(f"sqlite:///{file}", SystemClock())
    treatment = opened(ledger).treatment
    with ledger._database.read() as connection:
        page = connection.scalar(text("select rootpage from sqlite_master where name = 'event'"))
    ledger.close()
    with file.open("r+b") as pages:
        pages.seek((page - 1) * 4096)
        pages.write(bytes(range(256)) * 16)

    ledger = Ledger.open(f"sqlite:///{file}", SystemClock())
    with pytest.raises(StoreUnavailable):
        record(ledger, infusion(treatment, key="a"))
    with pytest.raises(StoreUnavailable):
        run(ledger.head())
    assert "The store takes no facts (SQLITE_CORRUPT)" in caplog.text
    ledger.close()


def test_a_connection_that_is_cut_in_mid_transaction_stores_nothing_twice(postgres_url: str) -> None:
    ledger = Ledger.open(postgres_url, SystemClock())
    treatment = opened(ledger).treatment
    cut: list[int] = []

    def cut_once(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if "insert into event" in statement and not cut:
            cut.append(connection.connection.driver_connection.info.backend_pid)
            with ledger._database.reader.connect() as another:
                another.execute(text("select pg_terminate_backend(:pid)"), {"pid": cut[0]})

    event.listen(ledger._database._writer, "before_cursor_execute", cut_once)

    answer = stored(ledger, infusion(treatment, key="a"))

    assert cut
    assert (answer.version, answer.replayed) == (2, False)
    assert len(whole_log(ledger)) == 2
    ledger.close()


def test_a_mistake_in_one_request_does_not_fail_the_others_and_names_no_value(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    broken = infusion(treatment, key="bad", occurred_at="not an instant")

    async def together() -> list[object]:
        asked = (ledger.record([one]) for one in (infusion(treatment, key="a"), broken, infusion(treatment, key="b")))
        return await asyncio.gather(*asked, return_exceptions=True)

    good, bad, fine = run(together())

    assert isinstance(good, list)
    assert isinstance(fine, list)
    assert str(bad) == "NotReadable"
    assert_gapless(whole_log(ledger))


@pytest.mark.slow
def test_a_postgresql_that_dies_loses_nothing_and_is_found_again_without_a_restart() -> None:
    server = PostgresServer().start()
    try:
        ledger = Ledger.open(server.url, SystemClock())
        treatment = opened(ledger).treatment
        before = stored(ledger, infusion(treatment, key="a"))

        server.kill()
        with pytest.raises(StoreUnavailable):
            record(ledger, infusion(treatment, key="b"))
        with pytest.raises(StoreUnavailable):
            opened(ledger, patient("another"))
        with pytest.raises(StoreUnavailable):
            run(ledger.head())

        server.start()
        assert len(whole_log(ledger)) == 2
        assert stored(ledger, infusion(treatment, key="a")).fact_id == before.fact_id
        assert stored(ledger, infusion(treatment, key="b")).version == 3
        assert_gapless(whole_log(ledger))
        ledger.close()
    finally:
        server.close()


def test_a_ledger_that_is_closed_takes_nothing_more(ledger: Ledger) -> None:
    ledger.close()

    with pytest.raises(StoreUnavailable):
        opened(ledger)
