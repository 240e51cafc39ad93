"""An assessment as a tester sees it: plain words and ISO dates, the same whether asked of the rules or over HTTP."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import msgspec

from services.monitoring.rules.answers import Assessment


def _thing(row: Mapping[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(**row)


class View:
    """What holds of one treatment at one (on, known_at)."""

    def __init__(
        self,
        episodes: Iterable[Mapping[str, Any]],
        slots: Iterable[Mapping[str, Any]],
        roll_ups: Iterable[Mapping[str, Any]],
    ) -> None:
        self.episodes = [_thing(row) for row in episodes]
        self.all_slots = [_thing(row) for row in slots]
        self.roll_ups = {row["requirement"]: _thing(row) for row in roll_ups}

    @classmethod
    def of(cls, assessment: Assessment) -> "View":
        plain = msgspec.json.decode(msgspec.json.encode(assessment))
        return cls(plain["episodes"], plain["slots"], plain["roll_ups"])

    @property
    def episode(self) -> SimpleNamespace:
        """The newest episode."""
        return self.episodes[-1]

    def slots(self, requirement: str, episode: int | None = None) -> list[SimpleNamespace]:
        """Every slot of a requirement that still stands, in due order; withdrawn ones are asked for by number."""
        return [
            slot
            for slot in self.all_slots
            if slot.requirement == requirement and slot.standing != "withdrawn" and episode in {None, slot.episode}
        ]

    def slot(self, requirement: str, number: int, episode: int = 1) -> SimpleNamespace:
        found = self.find(requirement, f"e{episode}.s{number}")
        assert found is not None, f"{requirement} has no slot {number} in episode {episode}"
        return found

    def close_out(self, requirement: str, episode: int = 1) -> SimpleNamespace:
        found = self.find(requirement, f"e{episode}.close-out")
        assert found is not None, f"{requirement} has no close-out slot in episode {episode}"
        return found

    def find(self, requirement: str, key: str) -> SimpleNamespace | None:
        """The slot whose id ends in `key` (`e1.s3`, `e1.close-out`, `e1.after-first`), if there is one."""
        found = [slot for slot in self.all_slots if slot.obligation_id.endswith(f".{requirement}.{key}")]
        assert len(found) < 2, f"{requirement}.{key} is listed twice"
        return found[0] if found else None

    def open(self, requirement: str) -> SimpleNamespace:
        """The one rolling obligation that nothing has closed yet."""
        closed = {"done", "done_late", "missed", "withdrawn"}
        found = [slot for slot in self.slots(requirement) if slot.standing not in closed and not slot.completed_on]
        assert len(found) == 1, f"{requirement} has {len(found)} open obligations"
        return found[0]

    def standing(self, requirement: str, number: int, episode: int = 1) -> str:
        return str(self.slot(requirement, number, episode).standing)

    def roll_up(self, requirement: str) -> SimpleNamespace:
        return self.roll_ups[requirement]


def window(slot: SimpleNamespace) -> str:
    """`due (opens … closes)`, the notation of the worked timelines."""
    return f"{slot.due_on} ({slot.opens_on} … {slot.closes_on})"
