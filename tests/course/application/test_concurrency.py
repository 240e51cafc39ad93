"""Many writers, on one process or two: one fact, one treatment, no gap, and a reader that misses nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import event

from services.course.application import Ledger
from services.course.domain.outcome import Conflict, Stored
from tests.course.ledgers import StillClock, assert_gapless, infusion, opened, patient, record, run, whole_log

THREADS = 8


@pytest.fixture
def two(postgres_url: str, clock: StillClock) -> Iterator[tuple[Ledger, Ledger]]:
    """Two appenders on one PostgreSQL; the second one's clock is an hour behind."""
    behind = StillClock(clock.at)
    behind.step(hours=-1)
    first, second = Ledger.open(postgres_url, clock), Ledger.open(postgres_url, behind)
    yield first, second
    first.close()
    second.close()


def at_once(work: Callable[[int], object]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))


def test_eight_threads_on_two_processes_leave_no_gap_and_a_tailing_reader_misses_nothing(
    two: tuple[Ledger, Ledger],
) -> None:
    treatments = [opened(two[0], patient(n)).treatment for n in range(3)]
    done = Event()

    def post(thread: int) -> None:
        async def all_of_them() -> None:
            for n in range(25):
                facts = [infusion(treatments[(thread + n) % 3], key=f"{thread}-{n}-{m}") for m in range(1 + n % 3)]
                await two[thread % 2].record(facts)

        run(all_of_them())

    async def tail() -> list[int]:
        seen: list[int] = []
        while True:
            last_look = done.is_set()
            page = await two[1].feed(seen[-1] if seen else 0, 7)
            seen += [item.position for item in page.events]
            if last_look and not page.events:
                return seen

    with ThreadPoolExecutor(1) as reader:
        tailing = reader.submit(run, tail())
        at_once(post)
        done.set()
        seen = tailing.result()

    log = whole_log(two[0])
    assert len(log) == 3 + THREADS * sum(1 + n % 3 for n in range(25))
    assert_gapless(log)
    assert seen == [item.position for item in log]


def test_eight_threads_on_one_process_leave_no_gap(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment

    at_once(lambda thread: [record(ledger, infusion(treatment, key=f"{thread}-{n}")) for n in range(20)])

    log = whole_log(ledger)
    assert len(log) == 1 + THREADS * 20
    assert_gapless(log)


def test_the_same_fact_posted_to_two_processes_at_once_is_one_fact(two: tuple[Ledger, Ledger]) -> None:
    treatment = opened(two[0]).treatment
    outcomes: list[object] = []

    at_once(
        lambda thread: outcomes.extend(
            outcome for n in range(10) for outcome in record(two[thread % 2], infusion(treatment, key=str(n)))
        )
    )

    stored = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    assert len(stored) == THREADS * 10
    assert Counter(outcome.replayed for outcome in stored) == {False: 10, True: THREADS * 10 - 10}
    assert len({(outcome.fact_id, outcome.version, outcome.position) for outcome in stored}) == 10
    assert len(whole_log(two[0])) == 11


def test_a_key_used_for_two_contents_at_once_is_one_fact_and_conflicts(two: tuple[Ledger, Ledger]) -> None:
    treatment = opened(two[0]).treatment
    outcomes: list[object] = []

    at_once(
        lambda thread: outcomes.extend(record(two[thread % 2], infusion(treatment, key="k", author=f"nurse-{thread}")))
    )

    [stored] = [outcome for outcome in outcomes if isinstance(outcome, Stored)]
    conflicts = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert {conflict.fact_id for conflict in conflicts} == {stored.fact_id}
    assert len({conflict.conflict_id for conflict in conflicts}) == THREADS - 1


def test_the_same_patient_opened_on_two_processes_at_once_is_one_treatment(two: tuple[Ledger, Ledger]) -> None:
    found: list[tuple[UUID, bool]] = []

    def open_it(thread: int) -> None:
        answer = opened(two[thread % 2])
        found.append((answer.treatment, answer.created))

    at_once(open_it)

    assert len({treatment for treatment, _ in found}) == 1
    assert Counter(created for _, created in found) == {True: 1, False: THREADS - 1}
    assert len(whole_log(two[0])) == 1


def test_a_fact_that_races_the_opening_of_its_patient_is_never_stranded(two: tuple[Ledger, Ledger]) -> None:
    def either(thread: int) -> None:
        for n in range(10):
            if thread == 0:
                opened(two[0], patient(n))
            else:
                record(two[thread % 2], infusion(identifier=patient(n), key=f"{thread}-{n}"))

    at_once(either)

    assert all(item.resolved for item in run(two[0].quarantined(limit=1000)))
    assert len(whole_log(two[0])) == 10 + (THREADS - 1) * 10


def test_requests_that_arrive_together_share_a_transaction(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    commits: list[object] = []
    event.listen(ledger._database._writer, "commit", commits.append)

    async def together() -> None:
        await asyncio.gather(*(ledger.record([infusion(treatment, key=str(n))]) for n in range(200)))

    run(together())

    assert len(whole_log(ledger)) == 201
    assert len(commits) < 20


def test_a_request_that_is_given_up_is_recorded_all_the_same(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment

    async def give_up() -> None:
        asking = asyncio.ensure_future(ledger.record([infusion(treatment, key="a")]))
        await asyncio.sleep(0)
        asking.cancel()

    run(give_up())

    assert record(ledger, infusion(treatment, key="b")) != []
    assert len(whole_log(ledger)) == 3
