"""The course service's settings, read once from COURSEWATCH_* at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.settings import CLOCK, COURSE_PORT, DATA, HOST, KAFKA, Setting, SettingsError, clock_kind

COURSE_DB = Setting(
    "COURSEWATCH_COURSE_DB",
    "the course service's database: sqlite:///… or postgresql://user@host/name",
    lambda env: f"sqlite:///{Path(DATA.read(env)) / 'course.db'}",
)
RELAY_PORT = Setting(
    "COURSEWATCH_RELAY_PORT", "port on which `course relay` serves /metrics and /readyz; without it, none"
)
SETTINGS = (DATA, HOST, CLOCK, KAFKA, COURSE_PORT, COURSE_DB, RELAY_PORT)


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` is a SQLAlchemy URL (SQLite or PostgreSQL); `kafka` a bootstrap address, None without a broker."""

    database: str
    data: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8001
    clock: Literal["system", "manual"] = "system"
    kafka: str | None = None
    relay_port: int | None = None


def from_environment(env: Mapping[str, str]) -> Settings:
    """Reads the settings; raises SettingsError with a sentence for the operator."""
    return Settings(
        database=_database(COURSE_DB.read(env)),
        data=Path(DATA.read(env)),
        host=HOST.read(env),
        port=COURSE_PORT.port(env),
        clock=clock_kind(env),
        kafka=KAFKA.read(env) or None,
        relay_port=RELAY_PORT.port_if_any(env),
    )


def _database(url: str) -> str:
    if url.startswith("sqlite:///"):
        return url
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise SettingsError(f"{COURSE_DB.name} must be like sqlite:///var/course.db or postgresql://user@host/name.")
