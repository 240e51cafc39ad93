"""Worked examples of infusion days, as a protocol writes them: what happened, and what must be found of it."""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct


class SceneFact(Struct, frozen=True, forbid_unknown_fields=True):
    """`at` an instant, or `on` a date as a sender writes it; `name` is how the scene speaks of it.

    `infusion` names the infusion of the scene that it belongs to, `corrects` the fact that it corrects or voids.
    """

    type: str
    at: datetime | None = None
    on: str | None = None
    data: dict[str, Any] = {}
    name: str | None = None
    infusion: str | None = None
    corrects: str | None = None
    recorded: datetime | None = None


class SceneDeviation(Struct, frozen=True, forbid_unknown_fields=True):
    rule: str
    deviation: str
    on: date
    severity: str | None = None
    measured: int | float | str | None = None
    required: int | float | str | None = None
    provisional: bool = False


class SceneHold(Struct, frozen=True, forbid_unknown_fields=True):
    hold: str
    standing: str
    opened: date
    rule: str | None = None
    closed: date | None = None
    stops: bool = False
    severity: str | None = None


class SceneLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the readiness for the planned infusion."""

    rule: str
    standing: str


class Scene(Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named need not be absent; `no_deviations` and `no_holds` are rules of which none may be found."""

    why: str
    on: date
    facts: tuple[SceneFact, ...]
    zone: str = "America/New_York"
    sex: Literal["female", "male", "other", "unknown"] = "female"
    birth_date: str | None = None
    known_at: datetime | None = None
    profile: str | None = None
    deviations: tuple[SceneDeviation, ...] = ()
    no_deviations: tuple[str, ...] = ()
    holds: tuple[SceneHold, ...] = ()
    no_holds: tuple[str, ...] = ()
    planned_at: datetime | None = None
    verdict: str | None = None
    earliest: date | None = None
    lines: tuple[SceneLine, ...] = ()
