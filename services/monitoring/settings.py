"""The monitoring service's settings, read once from `COURSEWATCH_*`; a bad value is one sentence that names it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.settings import (
    CLOCK,
    COURSE_PORT,
    DATA,
    HOST,
    KAFKA,
    MONITORING_PORT,
    ClockKind,
    Setting,
    SettingsError,
    clock_kind,
)

__all__ = ["SETTINGS", "Settings", "SettingsError", "from_environment"]

MONITORING_DB = Setting(
    "COURSEWATCH_MONITORING_DB",
    "the monitoring service's database: sqlite:///… or postgresql://user@host/name",
    lambda env: f"sqlite:///{Path(DATA.read(env)) / 'monitoring.db'}",
)
COURSE_URL = Setting(
    "COURSEWATCH_COURSE_URL",
    "where the monitoring service finds the course service's feed",
    lambda env: f"http://127.0.0.1:{COURSE_PORT.read(env)}",
)
PROFILE = Setting("COURSEWATCH_PROFILE", "whose rules: `seed`, `us` or `eu`", "us")
CONSUMER_PORT = Setting(
    "COURSEWATCH_CONSUMER_PORT", "port on which `monitoring consume` serves /metrics and /readyz; without it, none"
)
SETTINGS = (DATA, HOST, CLOCK, KAFKA, COURSE_PORT, COURSE_URL, MONITORING_PORT, MONITORING_DB, PROFILE, CONSUMER_PORT)


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` is a SQLAlchemy URL; `kafka` is the bootstrap address, None = read the feed.

    `embedded`: the api process also runs the consumer and the publisher (the default layout without a broker).
    """

    database: str
    course_url: str = "http://127.0.0.1:8001"
    kafka: str | None = None
    host: str = "127.0.0.1"
    port: int = 8002
    clock: ClockKind = "system"
    profile: str = "us"
    embedded: bool = True
    consumer_port: int | None = None


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises SettingsError. Source of the names: docs/contract.md §4."""
    env = os.environ if env is None else env
    COURSE_PORT.port(env)  # a wrong one is told as what it is, not as a wrong address
    kafka = KAFKA.read(env) or None
    return Settings(
        database=MONITORING_DB.read(env),
        course_url=COURSE_URL.address(env),
        kafka=kafka,
        host=HOST.read(env),
        port=MONITORING_PORT.port(env),
        clock=clock_kind(env),
        profile=PROFILE.read(env),
        embedded=kafka is None,
        consumer_port=CONSUMER_PORT.port_if_any(env),
    )
