"""One hold as it is answered."""

from datetime import date
from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis

Standing = Literal["in_force", "discontinue", "lifted", "withdrawn"]


class Hold(Struct, frozen=True):
    """`rule` is None, with basis and citation, for a hold that a clinician placed under a name of their own.

    `discontinue`: the treatment is given up, not only held. `withdrawn`: what opened it was entered in error.
    `stops`: no infusion while it is in force. `overridden_by`: the fact in which somebody goes on in spite of it.
    """

    rule: str | None
    hold: str
    title: str
    severity: Severity
    basis: Basis | None
    citation: str | None
    standing: Standing
    stops: bool
    opened_on: date
    opened_by: tuple[str, ...]
    closed_on: date | None
    closed_by: str | None
    overridden_by: str | None
    sentence: str


class Spell(Struct, frozen=True):
    """What a kind of opening finds: one time that a hold was or is open; `severity` where it is not the rule's own."""

    hold: str
    opened_on: date
    opened_by: tuple[str, ...]
    sentence: str
    standing: Standing = "in_force"
    closed_on: date | None = None
    closed_by: str | None = None
    severity: Severity | None = None
