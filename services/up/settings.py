"""What `coursewatch up` needs to know, from its options and COURSEWATCH_*."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.settings import CLOCK, COURSE_PORT, DATA, HOST, KAFKA, MONITORING_PORT, Setting, clock_kind

DEMO_PATIENTS, SEED = 48, 1
PATIENTS = Setting(
    "COURSEWATCH_PATIENTS",
    "made-up patients for an empty log; 0 = none, also the default by a manual clock",
    lambda env: "0" if CLOCK.read(env) == "manual" else str(DEMO_PATIENTS),
)
SETTINGS = (DATA, HOST, CLOCK, KAFKA, COURSE_PORT, MONITORING_PORT, PATIENTS)


class UpError(Exception):
    """Why it can't go on; the text is a sentence for whoever typed the command."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`patients` is None where nobody asked: then an empty log gets its default."""

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
        return 0 if self.manual_clock else DEMO_PATIENTS


def read(env: Mapping[str, str], patients: int | None, seed: int) -> Settings:
    """Options win over the environment; raises UpError, or SettingsError for a setting that can't be used."""
    clock = clock_kind(env)
    if KAFKA.read(env):
        raise UpError(
            "`coursewatch up` runs without a broker. Unset COURSEWATCH_KAFKA, or start the processes of "
            "docker-compose.yml one by one."
        )
    if patients is None and env.get(PATIENTS.name):
        patients = PATIENTS.number(env, 0, 10_000)
    course_port, monitoring_port = COURSE_PORT.port(env), MONITORING_PORT.port(env)
    if course_port == monitoring_port:
        raise UpError("COURSEWATCH_COURSE_PORT and COURSEWATCH_MONITORING_PORT must be two different ports.")
    return Settings(
        host=HOST.read(env),
        course_port=course_port,
        monitoring_port=monitoring_port,
        data=Path(DATA.read(env)),
        manual_clock=clock == "manual",
        patients=patients,
        seed=seed,
    )
