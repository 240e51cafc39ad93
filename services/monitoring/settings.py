"""The monitoring service's settings, read once from `COURSEWATCH_*`; a bad value is one sentence that names it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

ClockKind = Literal["system", "manual"]


class SettingsError(ValueError):
    """A setting that can't be used; its text says which one and what to write instead."""


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


def from_environment(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises SettingsError. Source of the names: docs/contract.md §4."""
    env = os.environ if env is None else env
    data = Path(env.get("COURSEWATCH_DATA") or "var")
    clock = env.get("COURSEWATCH_CLOCK") or "system"
    if clock not in {"system", "manual"}:
        raise SettingsError("COURSEWATCH_CLOCK must be `system` or `manual`.")
    kafka = env.get("COURSEWATCH_KAFKA") or None
    return Settings(
        database=env.get("COURSEWATCH_MONITORING_DB") or f"sqlite:///{data / 'monitoring.db'}",
        course_url=_address(env.get("COURSEWATCH_COURSE_URL") or f"http://127.0.0.1:{_course_port(env)}"),
        kafka=kafka,
        host=env.get("COURSEWATCH_HOST") or "127.0.0.1",
        port=_port(env, "COURSEWATCH_MONITORING_PORT", 8002),
        clock=cast("ClockKind", clock),
        profile=env.get("COURSEWATCH_PROFILE") or "us",
        embedded=kafka is None,
    )


def _course_port(env: Mapping[str, str]) -> int:
    return _port(env, "COURSEWATCH_COURSE_PORT", 8001)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} must be a port number between 1 and 65535.")
    return int(text)


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SettingsError("COURSEWATCH_COURSE_URL must be an address such as http://127.0.0.1:8001.")
    return url.rstrip("/")
