"""Every benchmark: whatever a module in `rows/` lists as BENCHMARKS."""

import importlib
from pathlib import Path

from tests.benchmarks.frame import Benchmark


def benchmarks() -> list[Benchmark]:
    found: list[Benchmark] = []
    for file in sorted((Path(__file__).parent / "rows").glob("*.py")):
        found.extend(importlib.import_module(f"tests.benchmarks.rows.{file.stem}").BENCHMARKS)
    return found
