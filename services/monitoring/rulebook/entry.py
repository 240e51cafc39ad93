"""One rule as it is looked up, and the whole book of a protocol."""

from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis

RuleKind = Literal["grid", "rolling", "once", "protection", "elapsed", "before", "watch", "check", "hold"]
KINDS: dict[RuleKind, str] = {
    "grid": "Fixed rhythm from the first infusion",
    "rolling": "So long after the last one done",
    "once": "Once after a finding",
    "before": "Before an infusion",
    "check": "Looked at of each infusion",
    "elapsed": "Hours between two moments",
    "hold": "Holds an infusion, or warns of it",
    "protection": "Runs without a gap",
    "watch": "A watch",
}
"""What each kind is called, in the order in which they are counted."""


class Detail(Struct, frozen=True):
    """A list that is too long for the sentence: what asks for it, what satisfies it, what does not count."""

    name: str
    text: str


class Entry(Struct, frozen=True):
    """One rule as the protocol writes it; `on`: in the profile in force.

    A rule that differs between profiles is written once for each; `profiles` empty = off until a site names one.
    `cadence_basis` is whose its rhythm is, where that is another's.
    """

    id: str
    title: str
    kind: RuleKind
    severity: Severity
    basis: Basis
    cadence_basis: Basis | None
    citation: str
    profiles: tuple[str, ...]
    on: bool
    how: str
    details: tuple[Detail, ...]


class Carried(Struct, frozen=True):
    """A rule of the catalogue that another one, `by`, carries out wherever that one is on."""

    id: str
    title: str
    basis: Basis
    citation: str
    profiles: tuple[str, ...]
    on: bool
    by: str


class NotCarriedOut(Struct, frozen=True):
    """A rule of the catalogue that is not software, and why."""

    id: str
    title: str
    why: str


class Chapter(Struct, frozen=True):
    """`key` is how the ids of its rules begin; empty = like no other chapter's."""

    key: str
    title: str
    rules: tuple[Entry, ...]
    carried: tuple[Carried, ...]
    asides: tuple[NotCarriedOut, ...]


class Rulebook(Struct, frozen=True):
    """`profile` is the one in force."""

    protocol: str
    title: str
    edition: str
    edition_sha256: str
    profiles: tuple[str, ...]
    profile: str
    chapters: tuple[Chapter, ...]

    @property
    def rules(self) -> tuple[Entry, ...]:
        return tuple(rule for chapter in self.chapters for rule in chapter.rules)
