"""The real parts keep what they acknowledged, and every test finds them empty."""

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from sqlalchemy import create_engine, text

from tests.real_parts.fixtures import wipe_kafka

TOPIC = "coursewatch.test"


def test_postgres_is_empty_and_durable(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        assert connection.execute(text("show fsync")).scalar_one() == "on"
        assert connection.execute(text("select count(*) from pg_tables where schemaname = 'public'")).scalar_one() == 0
        connection.execute(text("create table mark (i int)"))
    engine.dispose()


def test_postgres_is_empty_for_the_next_test_too(postgres_url: str) -> None:
    test_postgres_is_empty_and_durable(postgres_url)


def test_kafka_carries_a_record_and_is_empty_once_wiped(kafka_bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.create_topics({TOPIC: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
    producer.send(TOPIC, b"carried").get(10)
    producer.close()
    consumer = KafkaConsumer(
        TOPIC, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=5000, group_id=None
    )
    assert next(iter(consumer)).value == b"carried"
    consumer.close()

    wipe_kafka(kafka_bootstrap)

    assert TOPIC not in admin.list_topics()
    admin.close()
