"""What a setting is: described once, read from there, and shown by `coursewatch config` without its secrets."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

Environment = Mapping[str, str]
PREFIX = "COURSEWATCH_"
ClockKind = Literal["system", "manual"]

# The greedy middle takes a password with an @ in it along.
_PASSWORD = re.compile(r"^([\w+.-]+://)?([^:/@\s]*):(?!//).*@")
_PARAMETER = re.compile(r"([?&][^=&]*(?:password|passwd|pwd|token|secret|key)[^=&]*=)[^&]*", re.IGNORECASE)


class SettingsError(Exception):
    """A setting that can't be used; the text names the variable and says what to write, and never its value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable: its full name, what it is for, and its default ("" = none; a function where others decide)."""

    name: str
    purpose: str
    default: str | Callable[[Environment], str] = ""

    def default_in(self, env: Environment) -> str:
        return self.default if isinstance(self.default, str) else self.default(env)

    def read(self, env: Environment) -> str:
        """The value; an empty one counts as not set."""
        return env.get(self.name) or self.default_in(env)

    def number(self, env: Environment, least: int, most: int) -> int:
        text = self.read(env)
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise SettingsError(f"{self.name} must be a whole number from {least} to {most}.")
        return int(text)

    def port(self, env: Environment) -> int:
        text = self.read(env)
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
            raise SettingsError(f"{self.name} must be a port number from 1 to 65535.")
        return int(text)

    def port_if_any(self, env: Environment) -> int | None:
        return self.port(env) if self.read(env) else None

    def address(self, env: Environment) -> str:
        """An HTTP address without a slash at its end."""
        parts = urlsplit(self.read(env))
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise SettingsError(f"{self.name} must be an address such as http://127.0.0.1:8001.")
        return self.read(env).rstrip("/")


DATA = Setting("COURSEWATCH_DATA", "folder of the SQLite files", "var")
HOST = Setting(
    "COURSEWATCH_HOST", "address to listen on; there is no access control yet: keep it on loopback", "127.0.0.1"
)
CLOCK = Setting("COURSEWATCH_CLOCK", "`system`, or `manual`: time stands still until PUT /v1/clock moves it", "system")
KAFKA = Setting("COURSEWATCH_KAFKA", "Kafka's bootstrap address; without it monitoring reads the feed")
COURSE_PORT = Setting("COURSEWATCH_COURSE_PORT", "port of the course service", "8001")
MONITORING_PORT = Setting("COURSEWATCH_MONITORING_PORT", "port of the monitoring service", "8002")


def clock_kind(env: Environment) -> ClockKind:
    clock = CLOCK.read(env)
    if clock not in {"system", "manual"}:
        raise SettingsError(f"{CLOCK.name} must be `system` or `manual`.")
    return cast("ClockKind", clock)


def masked(value: str) -> str:
    """The value as it may be shown: without the passwords and tokens of an address."""
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1\2:***@", value))
