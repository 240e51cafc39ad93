"""Kinds of periods as a protocol writes them: from an infusion or a course on, for how long, and what must cover it."""

from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis


class Length(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """Exactly one: calendar days, months that never end too early, or elapsed hours. None of them = open-ended."""

    days: int | None = None
    months: int | None = None
    hours: int | None = None


class Watch(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind", tag="watch"):
    """Something can happen in it; nothing has to be recorded."""


class UntilValue(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """It goes on, whichever is later, until a result since the last infusion shows at least this."""

    name: str
    loinc: tuple[str, ...]
    at_least: float
    units: tuple[str, ...]


class Covered(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind", tag="covered"):
    """A prophylaxis runs from the first day to the last without a gap."""

    prophylaxis: Literal["antiviral", "contraception"]
    until: UntilValue | None = None


class Period(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """One rule. `each` infusion has its own, or each course one from its first infusion to so long after its last."""

    id: str
    title: str
    severity: Severity
    basis: Basis
    citation: str
    profiles: tuple[str, ...]
    each: Literal["infusion", "course"]
    lasts: Length
    asks: Watch | Covered
    applies_to: Literal["everyone", "childbearing"] = "everyone"
