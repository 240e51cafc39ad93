"""The same parts as containers, where a Docker engine answers and the images can be had."""

import os
import shutil
import subprocess
from functools import cache

from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from tests.real_parts.machine import free_port

POSTGRES, KAFKA = "postgres:17", "apache/kafka:4.1.1"


@cache
def available(image: str) -> bool:
    """Whether an engine answers and has the image, or can pull it."""
    if shutil.which("docker") is None or not _works("info", seconds=5):
        return False
    # Our fixtures end their containers themselves.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    return _works("image", "inspect", image, seconds=10) or _works("pull", "-q", image, seconds=180)


def _works(*arguments: str, seconds: float) -> bool:
    try:
        tried = subprocess.run(["docker", *arguments], capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return False
    return tried.returncode == 0


def postgres_container() -> PostgresContainer:
    container = PostgresContainer(POSTGRES, driver="psycopg")
    container.ports["5432/tcp"] = ("127.0.0.1", free_port())
    return container.with_command("postgres -c max_connections=200")


class KafkaContainer(DockerContainer):
    """apache/kafka; the container that testcontainers brings is for another image.

    A broker tells its clients the address to come back to, so the published port is chosen before the start.
    """

    def __init__(self) -> None:
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        super().__init__(
            KAFKA,
            env={
                "KAFKA_NODE_ID": "1",
                "KAFKA_PROCESS_ROLES": "broker,controller",
                "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
                "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{self.bootstrap}",
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
                "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
                "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
                "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
                "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
                "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
                "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
                "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
                "KAFKA_BROKER_SESSION_TIMEOUT_MS": "2000",
                "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "400",
            },
        )
        # Not with_bind_ports(): it takes no address, and would publish on all interfaces.
        self.ports["9092/tcp"] = ("127.0.0.1", port)
        self.waiting_for(LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(60))
