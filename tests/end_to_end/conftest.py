"""`river` and `kafka_river`: the product as its users meet it, once on SQLite and once on Kafka and PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.end_to_end.layouts import Broker, Embedded, River


@pytest.fixture
def river(tmp_path: Path) -> Iterator[River]:
    yield from _running(Embedded(tmp_path))


@pytest.fixture
def kafka_river(tmp_path: Path, kafka_bootstrap: str, new_database: Callable[[], str]) -> Iterator[Broker]:
    yield from _running(Broker(tmp_path, kafka_bootstrap, new_database))


AnyRiver = TypeVar("AnyRiver", bound=River)


def _running(layout: AnyRiver) -> Iterator[AnyRiver]:
    try:
        layout.start()
        yield layout
    finally:
        for process in layout.processes:
            process.kill()
