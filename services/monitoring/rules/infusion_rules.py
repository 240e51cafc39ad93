"""What an edition says of infusions: the checks that are made of them afterwards, and what holds the next one, what
must be there before it, and the periods that one begins."""

from msgspec import Struct

from services.monitoring.rules.deviations.kinds import Check
from services.monitoring.rules.holds.kinds import HoldRule
from services.monitoring.rules.periods.kinds import Period
from services.monitoring.rules.readiness.kinds import Prerequisite


class InfusionRules(Struct, frozen=True, eq=False):
    """The rules of one profile, each kind in the order of the files."""

    checks: tuple[Check, ...] = ()
    holds: tuple[HoldRule, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    periods: tuple[Period, ...] = ()
