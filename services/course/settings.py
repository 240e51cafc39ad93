"""The course service's settings, read once from COURSEWATCH_* at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast


class BadSetting(Exception):
    """A setting that can't be used; the text names the variable and says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`database` is a SQLAlchemy URL (SQLite or PostgreSQL); `kafka` a bootstrap address, None without a broker."""

    database: str
    data: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8001
    clock: Literal["system", "manual"] = "system"
    kafka: str | None = None


def from_environment(env: Mapping[str, str]) -> Settings:
    """Reads the settings; raises BadSetting with a sentence for the operator."""
    data = Path(env.get("COURSEWATCH_DATA") or "var")
    clock = env.get("COURSEWATCH_CLOCK") or "system"
    if clock not in {"system", "manual"}:
        raise BadSetting("COURSEWATCH_CLOCK must be `system` or `manual`.")
    return Settings(
        database=_database(env.get("COURSEWATCH_COURSE_DB"), data / "course.db"),
        data=data,
        host=env.get("COURSEWATCH_HOST") or "127.0.0.1",
        port=_port(env.get("COURSEWATCH_COURSE_PORT"), "COURSEWATCH_COURSE_PORT", 8001),
        clock=cast("Literal['system', 'manual']", clock),
        kafka=env.get("COURSEWATCH_KAFKA") or None,
    )


def _database(url: str | None, default: Path) -> str:
    if not url:
        return f"sqlite:///{default}"
    if url.startswith("sqlite:///"):
        return url
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise BadSetting("COURSEWATCH_COURSE_DB must be like sqlite:///var/course.db or postgresql://user@host/name.")


def _port(text: str | None, name: str, default: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadSetting(f"{name} must be a port number from 1 to 65535.")
    return int(text)
