"""python -m tests.evidence: what the experiments and the benchmarks found, as docs/evidence.md.

Reads build/chaos/findings.json and build/bench/figures.json. Only what was run at full size, on a committed state,
counts; the rest is named as still to be done.
"""

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.catalogue import benchmarks
from tests.chaos.catalogue import experiments
from tests.evidence.page import page

ROOT = Path(__file__).parents[2]


def main() -> int:
    found = _read(ROOT / "build" / "chaos" / "findings.json")
    measured = _read(ROOT / "build" / "bench" / "figures.json")
    tried = {one.name: one.promise for one in experiments()}
    costs = {one.name: one.what for one in benchmarks()}
    (ROOT / "docs" / "evidence.md").write_text(page(tried, found, costs, measured), encoding="utf-8")
    return 0


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


if __name__ == "__main__":
    raise SystemExit(main())
