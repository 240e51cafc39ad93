"""Writers and one tailing reader on one PostgreSQL: through our own parts, and through the library's."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import make_url

from services.course.application import Ledger
from services.course.persistence.event_log import rows_after
from services.course.persistence.facts import topic_of
from services.course.persistence.recorder import LogRecorder
from shared.clock import SystemClock
from shared.database import open_database
from tests.course.ledgers import infusion, opening, patient

PAGE = 1000
GLANCE = 0.002  # seconds between two looks at the end of the log
PATIENCE = 120.0  # seconds without anything new after which the reader gives up


@dataclass(frozen=True)
class Share:
    """What one process writes: so many events by each of its writers, in batches of one to `largest`."""

    url: str
    writers: Sequence[int]
    events: int
    largest: int
    stock: bool


@dataclass
class Tail:
    """What the reader met. `out_of_place`: positions that were not the next one; `passed`: what it never saw."""

    events: int = 0
    out_of_place: int = 0
    out_of_order: int = 0
    passed: int = 0
    waited: int = 0
    seen: set[int] = field(default_factory=set)


def write(share: Share) -> int:
    """Writes from as many threads as there are writers; answers how many events."""
    work = _stock if share.stock else _ours
    threads = [threading.Thread(target=work, args=(share, writer)) for writer in share.writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return share.events * len(share.writers)


def prepare_stock(url: str) -> None:
    _stock_recorder(url).create_table()


def tail(url: str, expected: int, *, stock: bool) -> Tail:
    """Follows the log from its beginning until `expected` events are there, or nothing comes any more."""
    return _tail_stock(url, expected) if stock else _tail_ours(url, expected)


def _batches(share: Share, writer: int) -> list[int]:
    draw = random.Random(writer)
    sizes: list[int] = []
    left = share.events
    while left:
        sizes.append(min(left, draw.randint(1, share.largest)))
        left -= sizes[-1]
    return sizes


def _ours(share: Share, writer: int) -> None:
    """Every other writer is a course service's appender, the others append through the library's door."""
    if writer % 2:
        _through_the_recorder(share, writer)
    else:
        asyncio.run(_through_the_ledger(share, writer))


async def _through_the_ledger(share: Share, writer: int) -> None:
    ledger = Ledger.open(share.url, SystemClock())
    try:
        treatment = (await ledger.open_treatment(opening(patient(f"{writer}")))).treatment
        numbers = count()
        sizes = _batches(share, writer)
        sizes[-1] -= 1  # the opening is an event, too
        for size in sizes:
            await ledger.record([infusion(treatment, key=f"{writer}-{next(numbers)}") for _ in range(size)])
    finally:
        ledger.close()


def _through_the_recorder(share: Share, writer: int) -> None:
    database = open_database(share.url, "course", connections=2)
    try:
        _insert(LogRecorder(database).insert_events, share, writer)
    finally:
        database.close()


def _stock(share: Share, writer: int) -> None:
    recorder = _stock_recorder(share.url)
    try:
        _insert(recorder.insert_events, share, writer)
    finally:
        recorder.datastore.close()


def _insert(insert: Callable[[Sequence[StoredEvent]], object], share: Share, writer: int) -> None:
    stream, versions = uuid4(), count(1)
    topic, state = topic_of("InfusionAdministered"), b'{"dose_mg":12}'
    for size in _batches(share, writer):
        insert([StoredEvent(stream, next(versions), topic, state) for _ in range(size)])


def _stock_recorder(url: str) -> PostgresApplicationRecorder:
    place = make_url(url)
    datastore = PostgresDatastore(
        str(place.database), str(place.host), int(place.port or 5432), str(place.username), "", enable_db_functions=True
    )
    return PostgresApplicationRecorder(datastore)


def _tail_ours(url: str, expected: int) -> Tail:
    """Reads in turn as the feed does and as the library does."""
    met, versions, last_instant = Tail(), Counter[object](), 0
    database = open_database(url, "course", write=False)
    recorder = LogRecorder(database)
    heard = time.monotonic()
    for turn in count():
        if turn % 2:
            notifications = recorder.select_notifications(met.events, PAGE, inclusive_of_start=False)
            page = [(one.id, one.originator_id, one.originator_version, 0) for one in notifications]
        else:
            with database.read() as connection:
                rows = rows_after(connection, met.events, PAGE)
            page = [(row.position, row.treatment, row.version, row.recorded_at) for row in rows]
        for position, treatment, version, instant in page:
            met.events += 1
            versions[treatment] += 1
            met.out_of_place += position != met.events
            met.out_of_order += version != versions[treatment] or (instant and instant <= last_instant)
            last_instant = max(last_instant, instant)
        if page:
            heard = time.monotonic()
        elif met.events >= expected or time.monotonic() - heard > PATIENCE:
            break
        else:
            met.waited += 1
            time.sleep(GLANCE)
    database.close()
    return met


def _tail_stock(url: str, expected: int) -> Tail:
    met, last = Tail(), 0
    recorder = _stock_recorder(url)
    heard = time.monotonic()
    while met.events < expected and time.monotonic() - heard < 3:
        page = recorder.select_notifications(last + 1, PAGE)
        for one in page:
            met.events += 1
            met.seen.add(one.id)
            last = one.id
            heard = time.monotonic()
        if not page:
            met.waited += 1
            time.sleep(GLANCE)
    whole: set[int] = set()
    while page := recorder.select_notifications(max(whole, default=0) + 1, 50_000):
        whole.update(one.id for one in page)
    met.passed = len(whole - met.seen)
    met.seen.clear()
    recorder.datastore.close()
    return met
