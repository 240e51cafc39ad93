"""A worked timeline as data: a history and the cells of its table, for the rules and the running services alike."""

from dataclasses import dataclass
from typing import Any

from tests.scenario import Scenario
from tests.view import View, window

Expected = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """What must hold on `on` by what was known at `known` (None = all).

    `expect` maps a slot (`MON-01.e1.s3`), a line (`MON-01`), the `episode` or `slots MON-01` to what it must show.
    """

    on: str
    expect: dict[str, Expected | None]
    known: str | None = None


@dataclass(frozen=True)
class Timeline:
    name: str
    history: Scenario
    cells: tuple[Cell, ...]

    def __str__(self) -> str:
        return self.name


def slot(standing: str | None = None, at: str | None = None, **fields: Any) -> Expected:
    """A slot's standing, its window `at` (`due (opens … closes)`), and any other field."""
    return {key: value for key, value in {"standing": standing, "window": at}.items() if value is not None} | fields


def line(standing: str, due_on: str | None = None, **fields: Any) -> Expected:
    return {"standing": standing} | ({"due_on": due_on} if due_on else {}) | fields


def episode(anchor: str, ends_on: str, **fields: Any) -> Expected:
    return {"anchor": anchor, "ends_on": ends_on} | fields


def slots(count: int, last: str | None = None) -> Expected:
    """How many slots stand and when the last is due."""
    return {"count": count} | ({"last": last} if last else {})


ABSENT = None


def disagreements(cell: Cell, view: View) -> list[str]:
    """Every field of a cell that the view does not show, as a sentence; empty when all agree."""
    where = f"on {cell.on}, known {cell.known or 'all'}"
    return [
        f"{where}: {name}.{key} is {found!r}, expected {value!r}"
        for name, expected in cell.expect.items()
        for key, value, found in _compare(expected, _found(name, view))
        if value != found
    ]


def _compare(expected: Expected | None, found: Expected | None) -> list[tuple[str, Any, Any]]:
    if expected is None or found is None:
        return [("presence", expected is not None, found is not None)]
    return [(key, value, found.get(key)) for key, value in expected.items()]


def _found(name: str, view: View) -> Expected | None:
    if name == "episode":
        newest = view.episodes[-1] if view.episodes else None
        return {"count": len(view.episodes)} | vars(newest) if newest else None
    if name.startswith("slots "):
        standing = view.slots(name.removeprefix("slots "))
        return {"count": len(standing), "last": max((one.due_on for one in standing), default=None)}
    if "." not in name:
        row = view.roll_ups.get(name)
        return vars(row) if row else None
    found = view.find(*name.split(".", 1))
    return {"window": window(found)} | vars(found) if found else None
