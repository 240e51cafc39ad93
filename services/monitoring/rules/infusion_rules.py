"""What an edition says of infusions: the checks that are made of them afterwards, and what holds the next one."""

from msgspec import Struct

from services.monitoring.rules.deviations.kinds import Check
from services.monitoring.rules.holds.kinds import HoldRule


class InfusionRules(Struct, frozen=True, eq=False):
    """The rules of one profile, each kind in the order of the files."""

    checks: tuple[Check, ...] = ()
    holds: tuple[HoldRule, ...] = ()
