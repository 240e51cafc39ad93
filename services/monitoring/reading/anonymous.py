"""Slots under names that do not depend on a deployment: `t1`, `after-1` … instead of treatment and fact ids."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from services.monitoring.rules.answers import Slot

_AFTER = re.compile(r"\.after-([0-9a-f]{8}-[0-9a-f-]{27})")


def anonymous(slots: Sequence[Slot], name: str) -> tuple[Slot, ...]:
    """The slots of one treatment, called `name`; the facts they follow are numbered in due order from 1."""
    numbers: dict[str, int] = {}
    for slot in sorted(slots, key=lambda slot: (slot.due_on, slot.requirement, slot.episode)):
        if found := _AFTER.search(slot.obligation_id):
            numbers.setdefault(found[1], len(numbers) + 1)

    def named(obligation_id: str) -> str:
        rest = obligation_id.partition(".")[2]
        return f"{name}." + _AFTER.sub(lambda found: f".after-{numbers[found[1]]}", "." + rest)[1:]

    return tuple(replace(slot, obligation_id=named(slot.obligation_id)) for slot in slots)
