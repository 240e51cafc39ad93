"""The real parts of a run of benchmarks: one PostgreSQL and one Kafka for all of them, started when first needed."""

import itertools
import os
from types import TracebackType

from sqlalchemy import create_engine, make_url, text

from tests.real_parts import broker
from tests.real_parts.fixtures import wipe_kafka
from tests.real_parts.postgres import PostgresServer


class RealStores:
    """Addresses from COURSEWATCH_TEST_POSTGRES and COURSEWATCH_TEST_KAFKA where they are given; a context manager."""

    def __init__(self) -> None:
        self._server: PostgresServer | None = None
        self._broker: broker.KafkaBroker | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> "RealStores":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for part in (self._server, self._broker):
            if part is not None:
                part.close()

    def database(self) -> str:
        url = make_url(self._postgres()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        name = f"coursewatch_bench_{os.getpid()}_{next(self._numbers)}"
        with engine.connect() as connection:
            connection.execute(text(f'create database "{name}"'))
        engine.dispose()
        return url.set(database=name).render_as_string(hide_password=False)

    def kafka(self) -> str:
        address = os.environ.get("COURSEWATCH_TEST_KAFKA")
        if address is None:
            if self._broker is None:
                broker.prepare()
                self._broker = broker.KafkaBroker()
                self._broker.start()
            address = self._broker.bootstrap
        wipe_kafka(address)
        return address

    def _postgres(self) -> str:
        if address := os.environ.get("COURSEWATCH_TEST_POSTGRES"):
            return address
        if self._server is None:
            self._server = PostgresServer()
            self._server.start()
        return self._server.url
