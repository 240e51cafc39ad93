"""What is answered of a period: from when to when, whether it runs, and what of it is covered."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis

Standing = Literal["running", "over"]


class Gap(Struct, frozen=True):
    """Days on which a protection was not recorded to run, first and last inclusive."""

    from_on: date
    through_on: date


class PeriodView(Struct, frozen=True):
    """Both days inclusive; `through_on` None = open-ended, or not known yet: then at least through `at_least_through`.

    `through_at` where hours count. `covered` is None for a watch, else whether it was so up to the date judged.
    """

    rule: str
    title: str
    severity: Severity
    basis: Basis
    citation: str
    kind: Literal["watch", "covered"]
    course: int
    fact_ids: tuple[str, ...]
    from_on: date
    through_on: date | None
    at_least_through: date | None
    through_at: datetime | None
    standing: Standing
    covered: bool | None
    gaps: tuple[Gap, ...]
    sentence: str
