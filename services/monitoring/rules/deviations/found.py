"""What a check finds and what is answered of it: the rule, the facts, the numbers measured and required."""

from datetime import date
from typing import Literal

from msgspec import Struct

from services.monitoring.rules.edition import Basis

Severity = Literal["BLOCK", "HOLD", "WARN", "TASK", "INFO"]


class Quantity(Struct, frozen=True):
    """One number beside what the rule asks of it; dates are ISO texts of unit `date`, `measured` None = unknown."""

    quantity: str
    measured: int | float | str | None
    relation: Literal["exactly", "at_least", "at_most", "one_of"]
    required: int | float | str
    unit: str


class Found(Struct, frozen=True):
    """What one check finds: `severity` where it is not the rule's own."""

    deviation: str
    on: date
    fact_ids: tuple[str, ...]
    sentence: str
    quantities: tuple[Quantity, ...] = ()
    course: int | None = None
    severity: Severity | None = None
    provisional: bool = False


class Deviation(Struct, frozen=True):
    """Something recorded that broke a rule. `provisional`: what is still to come may mend it.

    `severity` BLOCK: planned so, it would not have been allowed. `overridden_by` is the fact in which somebody went on
    in spite of the rule. `rule`, `basis` and `citation` are None where no rule but a clinician's own hold was broken.
    """

    rule: str | None
    title: str
    deviation: str
    severity: Severity
    basis: Basis | None
    citation: str | None
    on: date
    course: int | None
    fact_ids: tuple[str, ...]
    sentence: str
    quantities: tuple[Quantity, ...]
    provisional: bool
    overridden_by: str | None


def whole(amount: float) -> int | float:
    """A number as it would be written: 60, not 60.0."""
    return int(amount) if float(amount).is_integer() else round(amount, 3)
