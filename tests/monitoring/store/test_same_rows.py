"""Whatever the order, the repetition and the batches in which facts arrive: the same rows, on either store."""

import random
from pathlib import Path

import pytest

from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook, shuffled, split
from tests.monitoring.properties.histories import History
from tests.monitoring.stores import opened, projection, projector, told


def _log(seed: int) -> Logbook:
    rng = random.Random(seed)
    return Logbook(*(one.facts for one in people()[4:8]), History(rng).facts)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_any_repetition_and_any_batches_give_the_same_spans(seed: int, tmp_path: Path) -> None:
    log = _log(seed)
    with opened(f"sqlite:///{tmp_path}/a.db") as in_order, opened(f"sqlite:///{tmp_path}/b.db") as any_order:
        projector(in_order).project(log.deliveries)
        other = projector(any_order)
        for batch in shuffled(log.deliveries, random.Random(seed)):
            other.project(batch)
        assert projection(any_order) == projection(in_order)
        assert len(projection(in_order)["roll_up_span"]) > 100


def test_the_batches_make_no_difference_to_what_is_announced_nor_to_its_numbers(tmp_path: Path) -> None:
    log = _log(4)
    with opened(f"sqlite:///{tmp_path}/a.db") as at_once, opened(f"sqlite:///{tmp_path}/b.db") as in_parts:
        projector(at_once).project(log.deliveries)
        other = projector(in_parts, states=2)
        for batch in split(log.deliveries, random.Random(5)):
            other.project(batch)
        assert told(in_parts) == told(at_once)
        assert [number for (number,) in told(at_once, "n")] == list(range(1, len(told(at_once)) + 1))


def test_postgresql_holds_the_rows_that_sqlite_holds(tmp_path: Path, postgres_url: str) -> None:
    log = _log(6)
    with opened(f"sqlite:///{tmp_path}/a.db") as sqlite, opened(postgres_url) as postgresql:
        projector(sqlite).project(log.deliveries)
        for batch in shuffled(log.deliveries, random.Random(6)):
            projector(postgresql).project(batch)
        assert projection(postgresql) == projection(sqlite)
