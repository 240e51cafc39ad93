"""The slots of one treatment with the evidence for each (docs/contract.md §3.4)."""

from collections.abc import Sequence
from datetime import date
from typing import get_args

from msgspec import Struct
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import judge
from services.monitoring.rules.answers import Slot, SlotStanding

SLOT_STANDINGS: tuple[SlotStanding, ...] = get_args(SlotStanding)


class SlotFilters(Struct, frozen=True):
    """Empty = all; both due dates are inclusive."""

    requirement: tuple[str, ...] = ()
    standing: tuple[SlotStanding, ...] = ()
    due_from: date | None = None
    due_to: date | None = None

    def keeps(self, slot: Slot) -> bool:
        return (
            (not self.requirement or slot.requirement in self.requirement)
            and (not self.standing or slot.standing in self.standing)
            and (self.due_from is None or slot.due_on >= self.due_from)
            and (self.due_to is None or slot.due_on <= self.due_to)
        )


class SlotList(Struct, frozen=True):
    """By requirement, then due date."""

    clocks: Clocks
    obligations: tuple[Slot, ...]


def read_slots(
    connection: Connection, library: Library, treatment: str, question: Question, filters: SlotFilters
) -> SlotList:
    """Raises UnknownTreatment."""
    judged = judge(connection, library, treatment, question)
    return SlotList(judged.clocks, in_order([slot for slot in judged.assessment.slots if filters.keeps(slot)]))


def in_order(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    return tuple(sorted(slots, key=lambda slot: (slot.requirement, slot.due_on, slot.obligation_id)))
