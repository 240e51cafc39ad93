"""A recorded fact as the rules read it: instants parsed, the data typed, nothing of the transport left."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.v1.facts import FactData
from shared.contracts.v1.parts import BusinessId, Reference


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of one treatment.

    Exactly one of `occurred_at` (an aware instant) and `occurred_on` (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as written)
    is set. `recorded_at` is an aware UTC instant that strictly increases along `position`.
    """

    fact_id: str
    treatment: str
    version: int
    position: int
    data: FactData
    occurred_at: datetime | None
    occurred_on: str | None
    zone: str | None
    issued_at: datetime | None
    recorded_at: datetime
    business_id: BusinessId | None
    corrects: Reference | None

    @property
    def type(self) -> str:
        return type(self.data).__name__
