"""What is believed of one treatment, whatever date is asked about: versions settled, voids and cancellations applied.

The dates of facts are local to the clinic; a fact counts on `on` when its day is not after it (R2), which is for the
readers of a belief to ask.
"""

from collections.abc import Container
from datetime import date, datetime
from typing import NamedTuple

from msgspec import Struct, structs

from services.monitoring.rules.demographics import Demographics


class Infusion(Struct, frozen=True):
    """One start of the drug. Imprecise: `first` < `last`. `stops`: each day and the mg given when it was cut short."""

    fact_id: str
    version: int
    first: date
    last: date
    instant: datetime | None
    dose_mg: float
    stops: tuple[tuple[date, float], ...] = ()


class Reading(NamedTuple):
    """One code of one specimen as it stands; `root` and `version` are those of the original record."""

    day: date
    version: int
    root: str
    fact_id: str
    code: str
    status: str
    specimen_id: str
    cancelled: bool
    at: datetime | None  # None: only the date is known
    value: float | int | str | None
    unit: str | None
    recorded_at: datetime


class Event(NamedTuple):
    """An exam, a form, a finding, …: a day, the original record, and the instant unless only the date is known."""

    day: date
    version: int
    root: str
    at: datetime | None


class Waiver(NamedTuple):
    """Holds from `day` through `until` (None = without expiry), for one obligation or a whole requirement."""

    day: date
    until: date | None
    obligation_id: str | None
    requirement: str | None

    @property
    def for_good(self) -> bool:
        """Of one obligation, without expiry: it closes a yearly one (R15)."""
        return self.obligation_id is not None and self.until is None


class Refusal(NamedTuple):
    """Monitoring declined or taken up again; `requirements` None = all of them."""

    day: date
    declines: bool
    requirements: frozenset[str] | None


class Belief(Struct, frozen=True):
    """Everything the rules judge by. `deaths` are in version order: the last holds (R16)."""

    treatment: str
    version: int
    who: Demographics
    infusions: tuple[Infusion, ...] = ()
    readings: dict[str, list[Reading]] = {}  # by LOINC code
    exams: dict[str, list[Event]] = {}
    forms: dict[str, list[Event]] = {}
    acts: dict[str, list[Event]] = {}  # by the words of rules/acts.py
    transfers: tuple[tuple[date, bool, str | None, int], ...] = ()  # day, away?, site, position
    refusals: tuple[Refusal, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    deaths: tuple[date, ...] = ()

    @property
    def death(self) -> date | None:
        return self.deaths[-1] if self.deaths else None

    def about(self, codes: Container[str]) -> "Belief":
        """What it says beside results, and of those only the codes: enough to keep of a belief that is past."""
        readings = {code: found for code, found in self.readings.items() if code in codes}
        return structs.replace(self, readings=readings)

    def site(self, on: date) -> str:
        """The last site stated: by the opening, a correction, or a transfer back on or before `on`."""
        stated = [*self.who.sites, *((place, site) for day, _, site, place in self.transfers if site and day <= on)]
        return max(stated)[1] if stated else ""
