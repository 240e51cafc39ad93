"""What the client's journal says: what was attempted, what was acknowledged, and which order that implies."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STORED = frozenset({200, 201})
COME_AGAIN = 503
EXAMPLES = 3


@dataclass(slots=True)
class Attempt:
    """A message that left the client. `after_version`, `after_position`: what was acknowledged before it left."""

    treatment: str
    sha256: str
    after_version: int
    after_position: int


@dataclass(frozen=True, slots=True)
class Ack:
    """What the client was told of a message."""

    fact_id: str
    treatment: str
    version: int
    position: int


@dataclass(slots=True)
class Told:
    """`openings` are names of patients; `wrong` lists answers that no promise allows; `requests` are (sent, ended)."""

    attempted: dict[str, Attempt] = field(default_factory=dict)
    acknowledged: dict[str, Ack] = field(default_factory=dict)
    openings: set[str] = field(default_factory=set)
    opened: dict[str, Ack] = field(default_factory=dict)
    in_one_request: list[list[str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    requests: list[tuple[float, float]] = field(default_factory=list)
    failures: int = 0
    replays: int = 0
    first_at: float = 0.0
    last_at: float = 0.0

    def in_flight(self, instants: Iterable[float]) -> list[int]:
        """How many requests were sent and not yet answered, at each of these instants of the monotonic clock."""
        sent = sorted(begin for begin, _ in self.requests)
        ended = sorted(end for _, end in self.requests)
        return [bisect_right(sent, at) - bisect_right(ended, at) for at in instants]

    @property
    def per_second(self) -> float:
        """Acknowledged facts a second, outages included."""
        return len(self.acknowledged) / max(self.last_at - self.first_at, 1e-9)


def read(journal: Path) -> Told:
    """A whole journal; a last line that was torn is left out."""
    told = Told()
    versions: dict[str, int] = {}
    position = 0
    for line in lines(journal):
        told.first_at = told.first_at or line["at"]
        if "try" in line:
            _attempted(told, line["messages"], versions, position)
        elif "ack" in line:
            position = max(position, _acknowledged(told, line, versions))
        elif "sent" in line:
            told.requests.append((line["sent"], line["at"]))
            told.failures += "fail" in line
        told.last_at = line["at"]
    return told


def lines(journal: Path) -> Iterator[dict[str, Any]]:
    with journal.open(encoding="utf-8") as file:
        for text in file:
            if text.endswith("\n"):
                yield json.loads(text)


def _attempted(told: Told, messages: list[dict[str, str]], versions: dict[str, int], position: int) -> None:
    new: list[str] = []
    for one in messages:
        if "open" in one:
            told.openings.add(one["open"])
        elif one["id"] not in told.attempted:
            floor = versions.get(one["treatment"], 0)
            told.attempted[one["id"]] = Attempt(one["treatment"], one["sha256"], floor, position)
            new.append(one["id"])
    if len(new) > 1:
        told.in_one_request.append(new)


def _acknowledged(told: Told, line: dict[str, Any], versions: dict[str, int]) -> int:
    """Files one answer; returns the position it names, 0 if it stored nothing."""
    if line["status"] == COME_AGAIN:
        return 0
    if line["status"] not in STORED:
        told.wrong.append(f"A message was answered {line['status']}.")
        return 0
    ack = Ack(line["fact_id"], line["treatment"], line["version"], line["position"])
    of = line["of"]
    known, name = (told.opened, of["open"]) if "open" in of else (told.acknowledged, of["id"])
    if known.setdefault(name, ack) != ack:
        told.wrong.append(f"{name} was acknowledged as two facts: {known[name]} and {ack}.")
    if "id" in of and of["treatment"] != ack.treatment:
        told.wrong.append(f"{name} was acknowledged for another treatment.")
    told.replays += line["status"] == 200
    versions[ack.treatment] = max(versions.get(ack.treatment, 0), ack.version)
    return ack.position
