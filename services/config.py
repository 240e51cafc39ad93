"""`coursewatch config`: every setting, its value and its origin, without secrets; and names that are none."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches

from services.course import settings as course
from services.monitoring import settings as monitoring
from services.up import settings as up
from shared.settings import PREFIX, Setting, SettingsError, masked

# What the tests of this repository read; no process of the product does.
_TESTS = ("COURSEWATCH_TEST_", "COURSEWATCH_BENCH_")
_PARTS: Mapping[str, Sequence[Setting]] = {
    "course": course.SETTINGS,
    "monitoring": monitoring.SETTINGS,
    "up": up.SETTINGS,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it is in force; `value` and `default` carry no secrets. `origin`: environment or default."""

    name: str
    value: str
    default: str
    origin: str
    used_by: tuple[str, ...]
    purpose: str


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="coursewatch config", description="Every setting as it is in force.")
    parser.add_argument("--json", action="store_true", help="for machines")
    as_json = parser.parse_args(arguments).json
    env = os.environ
    rows, strangers, wrong = shown(env), unknown(env), complaints(env)
    if as_json:
        found = {"settings": [asdict(row) for row in rows], "unknown": strangers, "wrong": wrong}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        sys.stdout.write(_table(rows))
        warn(env)
        for sentence in wrong:
            sys.stderr.write(f"{sentence}\n")
    return 2 if wrong else 0


def warn(env: Mapping[str, str]) -> None:
    """Says on standard error which COURSEWATCH_* names are none, for a slip of the pen would change nothing."""
    for name, nearest in unknown(env).items():
        meant = f" Did you mean {nearest}?" if nearest else " `coursewatch config` lists those that are."
        sys.stderr.write(f"{name} is no setting of Coursewatch, so it changes nothing.{meant}\n")


def shown(env: Mapping[str, str]) -> list[Shown]:
    """All of them, each once, in the order in which the parts name them."""
    settings = {setting.name: setting for known in _PARTS.values() for setting in known}
    return [
        Shown(
            name=setting.name,
            value=masked(setting.read(env)),
            default=masked(setting.default_in(env)),
            origin="environment" if env.get(setting.name) else "default",
            used_by=tuple(part for part, known in _PARTS.items() if setting in known),
            purpose=setting.purpose,
        )
        for setting in settings.values()
    ]


def unknown(env: Mapping[str, str]) -> dict[str, str | None]:
    """Variables that look like ours and are not, with the nearest name that is one."""
    known = [row.name for row in shown({})]
    strangers = sorted(n for n in env if n.startswith(PREFIX) and n not in known and not n.startswith(_TESTS))
    return {name: next(iter(get_close_matches(name, known, 1)), None) for name in strangers}


def complaints(env: Mapping[str, str]) -> list[str]:
    """The sentence of each part that would not start with these settings."""
    found: dict[str, None] = {}
    for read in (course.from_environment, monitoring.from_environment):
        try:
            read(env)
        except SettingsError as wrong:
            found[str(wrong)] = None
    return list(found)


def _table(rows: Sequence[Shown]) -> str:
    head = ("setting", "value", "from", "used by", "for")
    lines = [head, *((r.name, r.value or "-", r.origin, ", ".join(r.used_by), r.purpose) for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head) - 1)]
    return "".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]) + "\n"
        for line in lines
    )
