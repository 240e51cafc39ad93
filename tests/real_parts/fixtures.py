"""`postgres_url` and `kafka_bootstrap`: real parts, however this machine can have them.

Order of preference: an address from the environment (COURSEWATCH_TEST_POSTGRES, COURSEWATCH_TEST_KAFKA), a container
where a Docker engine answers, otherwise servers started from this machine's own programs. There is no skip: a
machine that has none of them fails with a sentence that says what to install.
"""

import itertools
import os
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import create_engine, make_url, text

from tests.real_parts import broker, containers
from tests.real_parts.machine import MissingPartError
from tests.real_parts.postgres import PostgresServer

OURS = "coursewatch."
Part = TypeVar("Part")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running PostgreSQL whose user may create databases."""
    if address := os.environ.get("COURSEWATCH_TEST_POSTGRES"):
        yield make_url(address).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    elif containers.available(containers.POSTGRES):
        with containers.postgres_container() as container:
            # On loopback, where it was published: inside a container the library would name the bridge instead.
            yield container.get_connection_url(host="127.0.0.1")
    else:
        server = _or_fail(PostgresServer)
        try:
            yield server.start().url
        finally:
            server.close()


@pytest.fixture(scope="session")
def new_database(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases, 30 ms each; on a server that is not ours they are dropped when the tests end."""
    number = itertools.count(1)
    made: list[str] = []
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")

    def make() -> str:
        name = f"coursewatch_test_{os.getpid()}_{next(number)}"
        with engine.connect() as connection:
            connection.execute(text(f'create database "{name}"'))
        made.append(name)
        return make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    try:
        yield make
    finally:
        if os.environ.get("COURSEWATCH_TEST_POSTGRES"):
            with engine.connect() as connection:
                for name in made:
                    connection.execute(text(f'drop database if exists "{name}" with (force)'))
        engine.dispose()


@pytest.fixture(scope="session")
def emptied_databases() -> list[str]:
    """Databases that tests have done with; to empty one is cheaper than to make and delete its thousand files."""
    return []


@pytest.fixture
def postgres_url(new_database: Callable[[], str], emptied_databases: list[str]) -> Iterator[str]:
    """An empty database for this test, as SQLAlchemy writes it (`postgresql+psycopg://…`)."""
    url = emptied_databases.pop() if emptied_databases else new_database()
    yield url
    _empty(url)
    emptied_databases.append(url)


def _empty(url: str) -> None:
    others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid != "
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (others + "pg_backend_pid()", "drop schema public cascade", "create schema public"):
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[str]:
    """The bootstrap address of a running Kafka."""
    if address := os.environ.get("COURSEWATCH_TEST_KAFKA"):
        yield address
    elif containers.available(containers.KAFKA):
        with containers.KafkaContainer() as container:
            yield container.bootstrap
    else:
        _or_fail(broker.prepare)
        running = broker.KafkaBroker()
        try:
            yield running.start().bootstrap
        finally:
            running.close()


@pytest.fixture
def kafka_bootstrap(kafka_server: str) -> str:
    """The address of a Kafka that holds no topic of ours yet."""
    wipe_kafka(kafka_server)
    return kafka_server


def wipe_kafka(bootstrap: str) -> None:
    """Deletes every topic of ours, as if the cluster were new."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, reconnect_backoff_max_ms=500)
    try:
        if ours := [topic for topic in admin.list_topics() if topic.startswith(OURS)]:
            admin.delete_topics(ours)
    finally:
        admin.close()


def _or_fail(make: Callable[[], Part]) -> Part:
    try:
        return make()
    except MissingPartError as missing:
        pytest.fail(str(missing), pytrace=False)
