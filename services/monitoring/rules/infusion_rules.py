"""What an edition says of infusions: the checks that are made of them afterwards."""

from msgspec import Struct

from services.monitoring.rules.deviations.kinds import Check


class InfusionRules(Struct, frozen=True, eq=False):
    """The rules of one profile, each kind in the order of the files."""

    checks: tuple[Check, ...] = ()
