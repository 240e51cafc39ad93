"""Every experiment: whatever a module in `experiments/` lists as EXPERIMENTS."""

import importlib
from pathlib import Path

from tests.chaos.experiment import Experiment


def experiments() -> list[Experiment]:
    found: list[Experiment] = []
    for file in sorted((Path(__file__).parent / "experiments").glob("*.py")):
        found.extend(importlib.import_module(f"tests.chaos.experiments.{file.stem}").EXPERIMENTS)
    return found
