"""The feed gives the log in order, holds an empty answer, and promises nothing that it does not know."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

from services.course.application import Head, Ledger
from services.course.domain.outcome import Stored
from shared.clock import ManualClock
from shared.texts import write_instant
from tests.course.ledgers import NOW, StillClock, infusion, opened, patient, record, run


def test_an_empty_log_has_an_empty_feed(ledger: Ledger) -> None:
    page = run(ledger.feed(0, 10))

    assert (page.events, page.next_after, page.head, page.recorded_through) == ([], 0, 0, None)
    assert run(ledger.head()) == Head(0, None)


def test_the_feed_walks_the_log_page_by_page(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    record(ledger, *(infusion(treatment, key=str(n)) for n in range(6)))

    pages = [run(ledger.feed(after, 3)) for after in (0, 3, 6, 7)]

    assert [[item.position for item in page.events] for page in pages] == [[1, 2, 3], [4, 5, 6], [7], []]
    assert [page.next_after for page in pages] == [3, 6, 7, 7]
    assert {page.head for page in pages} == {7}
    assert {page.recorded_through for page in pages} == {pages[2].events[0].recorded_at}


def test_an_item_says_what_the_sender_said_and_what_the_log_assigned(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    record(ledger, infusion(treatment, zone="Europe/Berlin", issued_at="2024-05-15T12:00:00Z", traceparent="00-a-b-01"))

    [entry] = run(ledger.log(1, 10))

    item = entry.item
    assert entry.traceparent == "00-a-b-01"
    assert (item.position, item.version, item.type, item.schema) == (2, 2, "InfusionAdministered", 1)
    assert UUID(item.treatment) == treatment
    assert (item.occurred_at, item.occurred_on, item.zone) == ("2024-05-15T10:00:00-04:00", None, "Europe/Berlin")
    assert item.issued_at == "2024-05-15T12:00:00Z"
    assert item.recorded_at == write_instant(NOW.replace(microsecond=NOW.microsecond + 1))
    assert (item.sender, item.source, item.author) == ("local", "urn:hospital:ehr", "nurse-1")
    assert bytes(item.data) == b'{"dose_mg":12}'


def test_one_treatments_range_leaves_the_others_out(ledger: Ledger) -> None:
    mine, other = opened(ledger).treatment, opened(ledger, patient("another")).treatment
    for n in range(3):
        record(ledger, infusion(mine, key=f"m{n}"), infusion(other, key=f"o{n}"))

    page = run(ledger.feed(0, 2, treatment=mine, after_version=1))

    assert [(item.treatment, item.version) for item in page.events] == [(str(mine), 2), (str(mine), 3)]
    assert [item.version for item in run(ledger.events(mine, 3, 10)) or []] == [4]
    assert run(ledger.event(mine, 2)) == page.events[0]


def test_a_reader_that_waits_is_woken_by_the_next_fact(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment

    async def wait() -> float:
        waiting = asyncio.create_task(ledger.feed(1, 10, wait=10))
        await asyncio.sleep(0.1)
        await ledger.record([infusion(treatment)])
        committed = time.monotonic()
        page = await waiting
        assert [item.position for item in page.events] == [2]
        return time.monotonic() - committed

    assert run(wait()) < 0.4


def test_a_reader_that_waits_sees_what_another_process_records(postgres_url: str, clock: StillClock) -> None:
    here, there = Ledger.open(postgres_url, clock), Ledger.open(postgres_url, clock)

    async def wait() -> list[int]:
        waiting = asyncio.create_task(here.feed(0, 10, wait=10))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(opened, there)
        return [item.position for item in (await waiting).events]

    assert run(wait()) == [1]
    here.close()
    there.close()


def test_a_wait_without_news_ends_with_an_empty_answer(ledger: Ledger) -> None:
    opened(ledger)
    begun = time.monotonic()

    page = run(ledger.feed(1, 10, wait=0.3))

    assert (page.events, page.next_after, page.head) == ([], 1, 1)
    assert time.monotonic() - begun >= 0.3


def test_closing_sends_waiting_readers_home(ledger: Ledger) -> None:
    async def wait() -> None:
        waiting = asyncio.create_task(ledger.feed(0, 10, wait=30))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(ledger.close)
        assert (await waiting).events == []

    begun = time.monotonic()
    run(wait())
    assert time.monotonic() - begun < 5


def test_in_a_quiet_log_the_feed_promises_the_present_and_what_comes_is_later(
    ledger: Ledger, clock: StillClock
) -> None:
    treatment = opened(ledger).treatment
    clock.step(hours=8)

    quiet = run(ledger.feed(1, 10))
    clock.step(hours=-8)
    [stored] = record(ledger, infusion(treatment))

    assert quiet.recorded_through == write_instant(NOW + timedelta(hours=8))
    assert isinstance(stored, Stored)
    assert stored.recorded_at == NOW + timedelta(hours=8, microseconds=1)


def test_behind_the_end_of_the_log_nothing_is_promised(ledger: Ledger, clock: StillClock) -> None:
    first = opened(ledger)
    record(ledger, infusion(first.treatment))
    clock.step(hours=8)

    page = run(ledger.feed(0, 1))

    assert (page.next_after, page.head) == (1, 2)
    assert page.recorded_through == write_instant(first.recorded_at + timedelta(microseconds=1))


def test_by_a_clock_that_is_set_by_hand_nothing_is_promised_beyond_the_last_fact(store_url: str) -> None:
    clock = ManualClock(NOW)
    ledger = Ledger.open(store_url, clock)
    recorded = opened(ledger).recorded_at
    clock.set(NOW + timedelta(hours=8))

    assert run(ledger.feed(1, 10)).recorded_through == write_instant(recorded)
    ledger.close()
