"""The effect is exactly once: by (treatment, version) in the transaction, whatever the transport does."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from services.monitoring.projector import Advance
from services.monitoring.store import checkpoints
from services.monitoring.store.checkpoints import Checkpoint, CheckpointLostError
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import opened, projection, projector, told


def _advance(old: int, new: int) -> Advance:
    return Advance("feed", {0: Checkpoint(old, 0)}, {0: Checkpoint(new, 0)})


def test_a_crash_after_the_commit_delivers_again_and_nothing_is_doubled(store: Database) -> None:
    log = Logbook(people()[0].facts)
    checkpoints.claim(store, "feed", [0])
    projector(store).project(log.deliveries, _advance(0, len(log.deliveries)))
    before = projection(store), told(store)
    done = projector(store).project(log.deliveries)  # a new process: nothing in memory, everything delivered again
    assert (done.applied, done.announced) == (0, 0)
    assert (projection(store), told(store)) == before


def test_a_crash_before_the_commit_leaves_nothing_of_the_batch(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Logbook(people()[0].facts)
    checkpoints.claim(store, "feed", [0])
    at_work = projector(store)

    class PowerLoss(Exception):
        pass

    written = store.write

    @contextmanager
    def dies_at_commit() -> Iterator[Connection]:
        with written() as connection:
            yield connection
            raise PowerLoss

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", dies_at_commit)
        with pytest.raises(PowerLoss):
            at_work.project(log.deliveries, _advance(0, len(log.deliveries)))
    assert projection(store) == {"fact": [], "roll_up_span": []}
    with store.read() as connection:
        assert checkpoints.read(connection, "feed") == {0: Checkpoint(0, 0)}
    # The same process goes on: what it had in memory of the lost batch does not count either.
    assert at_work.project(log.deliveries, _advance(0, len(log.deliveries))).applied == len(log.deliveries)


def test_a_consumer_whose_checkpoint_was_moved_by_another_writes_nothing(store: Database) -> None:
    log = Logbook(people()[0].facts)
    checkpoints.claim(store, "feed", [0])
    projector(store).project(log.deliveries[:3], _advance(0, 3))
    with pytest.raises(CheckpointLostError):
        projector(store).project(log.deliveries[:8], _advance(0, 8))
    assert len(projection(store)["fact"]) == 3


def test_offsets_alone_count_double_what_versions_count_once(store: Database) -> None:
    """The control: a relay that was killed sends again under new offsets, which a bookkeeping of offsets believes."""
    log = Logbook(people()[0].facts, people()[4].facts)
    sent = [*log.deliveries[:15], *log.deliveries[9:20], *log.deliveries[12:]]
    seen: set[int] = set()
    counted = 0
    at_work = projector(store, announce=False)
    for offset, one in enumerate(sent):
        counted += offset not in seen
        seen.add(offset)
        at_work.project([one])
    assert counted == len(sent) > len(log.deliveries)
    assert len(projection(store)["fact"]) == len(log.deliveries)


def test_two_processes_on_one_postgresql_that_get_the_same_facts_apply_each_once(postgres_url: str) -> None:
    log = Logbook(people()[0].facts, people()[4].facts)
    with opened(postgres_url) as database:
        first, second = projector(database), projector(database)
        applied = 0
        for number, one in enumerate(log.deliveries):
            for at_work in (first, second) if number % 2 else (second, first):
                applied += at_work.project([one]).applied
        assert applied == len(log.deliveries)
        assert [n for (n,) in told(database, "n")] == list(range(1, len(told(database)) + 1))
