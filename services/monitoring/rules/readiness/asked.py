"""What a need is asked of: the record on a date, and the infusion that is planned."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from msgspec import Struct

from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.edition import Requirement
from services.monitoring.rules.readiness.plan import Plan
from services.monitoring.rules.record import Said
from shared.contracts.v1.parts import Data

D = TypeVar("D", bound=Data)


class Asked(Struct, frozen=True, eq=False):
    story: Story
    plan: Plan
    requirements: Mapping[str, Requirement]

    @property
    def on(self) -> date:
        return self.story.on

    def before_start(self, kind: type[D]) -> list[Said[D]]:
        """What had happened of this type by the planned start; on the same date what is not known to be later."""
        return [one for one in self.story.record.of(kind, self.on) if not _later(one, self.plan)]


def surely_before(day: date, instant: datetime | None, plan: Plan) -> bool:
    """Instants where both are known, else dates; on the same date only what is known to be earlier (trap 34)."""
    if day != plan.on:
        return day < plan.on
    return instant is not None and plan.at is not None and instant < plan.at


def _later(one: Said[D], plan: Plan) -> bool:
    if one.first != plan.on:
        return one.first > plan.on
    return one.instant is not None and plan.at is not None and one.instant >= plan.at


def days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def plain(slug: str) -> str:
    return slug.replace("-", " ")


def listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(plain, names))
