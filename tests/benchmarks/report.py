"""What is kept of a benchmark, and how it reads."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from tests.benchmarks.frame import Benchmark, Goal, Measured, Size

LIBRARIES = (
    *("coursewatch", "eventsourcing", "fastapi", "kafka-python", "msgspec", "psycopg", "pydantic"),
    *("sqlalchemy", "uvicorn", "uvloop"),
)


@dataclass(frozen=True)
class Entry:
    benchmark: Benchmark
    size: Size
    measured: Measured
    seconds: int
    load_before: float

    @property
    def right(self) -> bool:
        return not self.measured.wrong


def keep(entry: Entry, out: Path) -> None:
    """Puts the entry beside those of other benchmarks; a later run of the same one takes its place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    kept = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    seen = entry.measured
    kept[f"{entry.benchmark.name} ({entry.size})"] = {
        "what": entry.benchmark.what,
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": entry.seconds,
        "revision": _revision(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "machine": {**machine(), "load_before": entry.load_before},
        "goals": [_goal(goal, seen) for goal in seen.goals],
        "sides": {name: {"unit": seen.units[name], "rounds": list(rounds)} for name, rounds in seen.sides.items()},
        "memory_mib": dict(seen.memory),
        "counts": dict(seen.counts),
        "wrong": list(seen.wrong),
        "stands_in_the_way": entry.benchmark.stands_in_the_way,
    }
    out.write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def line(entry: Entry) -> str:
    """One line for each that is over."""
    seen = entry.measured
    told = "; ".join(f"{goal.name} {_spread(goal, seen)}, {goal.verdict(seen.sides)}" for goal in seen.goals)
    return f"{entry.benchmark.name}: {told} ({entry.seconds} s){_wrong(entry)}"


def table(entries: list[Entry]) -> str:
    """A row a goal; ratios are the median of the rounds with the least and the greatest in brackets."""
    head = "| benchmark | measured (median of the rounds) | ratio | goal | | peak memory, MiB |"
    rows = ["", head, "|---|---|---|---|---|---|"]
    for entry in entries:
        seen = entry.measured
        sides = ", ".join(f"{name} {median(rounds):,.4g} {seen.units[name]}" for name, rounds in seen.sides.items())
        memory = ", ".join(f"{name} {peak:.0f}" for name, peak in seen.memory.items())
        for number, goal in enumerate(seen.goals):
            about = (f"{entry.benchmark.what}{_wrong(entry)}", sides) if number == 0 else ("", "")
            ratio = f"{goal.name}: {_spread(goal, seen)}"
            cells = (*about, ratio, goal.wanted, goal.verdict(seen.sides), memory if number == 0 else "")
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def machine() -> dict[str, object]:
    """What the figures were made on."""
    models = [text for text in Path("/proc/cpuinfo").read_text().splitlines() if text.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "cores": os.cpu_count(),
        "processor": models[0].partition(":")[2].strip() if models else platform.machine(),
        "memory_gib": round(int(memory) / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def _goal(goal: Goal, seen: Measured) -> dict[str, object]:
    ratios = goal.ratios(seen.sides)
    told = {
        "median": median(ratios),
        "least": min(ratios),
        "greatest": max(ratios),
        "verdict": goal.verdict(seen.sides),
    }
    return {**asdict(goal), "called": goal.name, **told}


def _spread(goal: Goal, seen: Measured) -> str:
    ratios = goal.ratios(seen.sides)
    unit = "" if goal.baseline else f" {seen.units[goal.ours]}"
    return f"{median(ratios):.3g} ({min(ratios):.3g}…{max(ratios):.3g}){unit}"


def _wrong(entry: Entry) -> str:
    return f" WRONG RESULTS: {' '.join(entry.measured.wrong[:5])}" if entry.measured.wrong else ""


def _revision() -> str:
    """The commit, with a + where the work tree differs from it."""
    told = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
