"""The protocol as the reference model needs it, read from its TOML files: the requirements of one profile."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "services/monitoring/protocols"


@dataclass(frozen=True)
class Component:
    """One part of a requirement: LOINC codes, codes that need another part of the same specimen, words of acts."""

    name: str
    codes: frozenset[str]
    percentages: frozenset[str]
    needs: str | None
    acts: frozenset[str]


@dataclass(frozen=True)
class Requirement:
    """`kind` is grid, rolling or once; what another kind needs is 0 or empty."""

    id: str
    kind: str
    months: int
    early: int
    close_out_from: int
    opens_before: int
    due_days: int
    after: frozenset[str]
    components: tuple[Component, ...]
    cervix: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.components)


@dataclass(frozen=True)
class Protocol:
    requirements: tuple[Requirement, ...]
    gap_days: int
    episode_months: int


def read(protocol: str = "alemtuzumab-ms", profile: str = "us") -> Protocol:
    files = [tomllib.loads(path.read_text("utf-8")) for path in sorted((FOLDER / protocol).glob("*.toml"))]
    written = [one for file in files for one in file.get("requirement", [])]
    parts = {one["id"]: one.get("component", []) for one in written}
    [courses] = [file["courses"] for file in files if "courses" in file]
    return Protocol(
        tuple(_requirement(one, parts) for one in written if profile in one["profiles"]),
        courses["gap_days"],
        courses["episode_months"],
    )


def _requirement(one: dict[str, Any], parts: dict[str, list[dict[str, Any]]]) -> Requirement:
    timing = one["timing"]
    return Requirement(
        id=one["id"],
        kind=timing["kind"],
        months=timing.get("every_months", 0),
        early=timing.get("early_days", 0),
        close_out_from=timing.get("close_out_from_days", 0),
        opens_before=timing.get("opens_before_days", 0),
        due_days=timing.get("due_days", 0),
        after=frozenset(timing.get("after", ())),
        components=tuple(_component(part) for part in parts[one.get("same_as", one["id"])]),
        cervix=one.get("applies_to") == "cervix",
    )


def _component(part: dict[str, Any]) -> Component:
    beside = part.get("beside", {})
    acts = set(part.get("act", ()))
    acts |= {f"{kind}:{part[kind]}" for kind in ("exam", "form") if kind in part}
    return Component(
        part["name"],
        frozenset(part.get("loinc", ())),
        frozenset(beside.get("loinc", ())),
        beside.get("needs"),
        frozenset(acts),
    )
