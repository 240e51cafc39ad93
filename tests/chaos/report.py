"""What is kept of an experiment, and how it reads."""

import json
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.chaos.experiment import Experiment, Finding, Size

LIBRARIES = ("coursewatch", "eventsourcing", "fastapi", "kafka-python", "msgspec", "psycopg", "sqlalchemy", "uvicorn")


@dataclass(frozen=True)
class Entry:
    experiment: Experiment
    size: Size
    seed: int
    finding: Finding
    control: Finding | None
    seconds: int

    @property
    def held(self) -> bool:
        """It reached enough, nothing was broken, and its control did break."""
        control_failed = self.control is None or bool(self.control.broken)
        return not self.finding.void and not self.finding.broken and control_failed


def keep(entry: Entry, out: Path) -> None:
    """Puts the entry beside those of other experiments; a later run of the same one takes its place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    kept[f"{entry.experiment.name} ({entry.size})"] = {
        "promise": entry.experiment.promise,
        "held": entry.held,
        "seed": entry.seed,
        "seconds": entry.seconds,
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": _revision(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "finding": _plain(entry.finding),
        "control": _plain(entry.control) if entry.control else entry.experiment.why_no_control,
        "taken_away": entry.experiment.control,
    }
    out.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def line(entry: Entry) -> str:
    return f"{entry.experiment.name}: {_verdict(entry)} in {entry.seconds} s; {_counted(entry.finding)}"


def table(entries: list[Entry]) -> str:
    rows = ["", "| experiment | result | reached | control | s |", "|---|---|---|---|---|"]
    for one in entries:
        cells = (one.experiment.name, _verdict(one), _counted(one.finding), _control(one), str(one.seconds))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _verdict(entry: Entry) -> str:
    if entry.finding.broken:
        return "BROKEN: " + " ".join(entry.finding.broken[:5])
    if entry.finding.void:
        return "void: " + ", ".join(f"{name} {short}" for name, short in entry.finding.short_of.items())
    return "held" if entry.held else "held, but so did its control, which must fail"


def _control(entry: Entry) -> str:
    if entry.control is None:
        return f"none: {entry.experiment.why_no_control}"
    seen = entry.control.broken[0] if entry.control.broken else "saw nothing wrong"
    return f"{entry.experiment.control}: {seen}"


def _counted(finding: Finding) -> str:
    return ", ".join(f"{name} {value}" for name, value in {**finding.counters, **finding.figures}.items())


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "broken": list(finding.broken),
        "counters": dict(finding.counters),
        "at_least": dict(finding.at_least),
        "figures": dict(finding.figures),
    }


def _revision() -> str:
    """The commit, with a + where the work tree differs from it."""
    told = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
