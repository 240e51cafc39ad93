"""What `coursewatch up` needs to know, from its options and COURSEWATCH_*."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PATIENTS, SEED = 48, 1


class UpError(Exception):
    """Why it can't go on; the text is a sentence for whoever typed the command."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`patients` is None where nobody asked: then an empty log gets PATIENTS, unless the clock is moved by hand."""

    host: str
    course_port: int
    monitoring_port: int
    data: Path
    manual_clock: bool
    patients: int | None
    seed: int

    @property
    def demo_patients(self) -> int:
        if self.patients is not None:
            return self.patients
        return 0 if self.manual_clock else PATIENTS


def read(env: Mapping[str, str], patients: int | None, seed: int) -> Settings:
    """Options win over the environment; raises UpError."""
    clock = env.get("COURSEWATCH_CLOCK") or "system"
    if clock not in {"system", "manual"}:
        raise UpError("COURSEWATCH_CLOCK must be `system` or `manual`.")
    if env.get("COURSEWATCH_KAFKA"):
        raise UpError(
            "`coursewatch up` runs without a broker. Unset COURSEWATCH_KAFKA, or start the processes of "
            "docker-compose.yml one by one."
        )
    if patients is None and (text := env.get("COURSEWATCH_PATIENTS")):
        patients = _number(text, "COURSEWATCH_PATIENTS", 0, 10_000)
    course_port = _port(env, "COURSEWATCH_COURSE_PORT", "8001")
    monitoring_port = _port(env, "COURSEWATCH_MONITORING_PORT", "8002")
    if course_port == monitoring_port:
        raise UpError("COURSEWATCH_COURSE_PORT and COURSEWATCH_MONITORING_PORT must be two different ports.")
    return Settings(
        host=env.get("COURSEWATCH_HOST") or "127.0.0.1",
        course_port=course_port,
        monitoring_port=monitoring_port,
        data=Path(env.get("COURSEWATCH_DATA") or "var"),
        manual_clock=clock == "manual",
        patients=patients,
        seed=seed,
    )


def _port(env: Mapping[str, str], name: str, default: str) -> int:
    return _number(env.get(name) or default, name, 1, 65535)


def _number(text: str, name: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise UpError(f"{name} must be a whole number from {least} to {most}.")
    return int(text)
