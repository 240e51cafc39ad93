"""One mutant on trial: a forked child loads the mutated module in place of the real one and runs the rules' tests."""

import atexit
import importlib
import importlib.abc
import importlib.util
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.mutants import Mutant

TESTS = "tests/monitoring/rules"
ARGUMENTS = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider"]
# Asked first, because they notice most: the order changes the time, not the verdict.
SPECIALISTS = {
    "affected.py": "test_affected.py",
    "background.py": "test_R06_R09_infusions.py",
    "believing.py": "test_R05_voids.py",
    "chapter.py": "test_evidence.py",
    "changes.py": "test_changes.py",
    "circumstances.py": "test_R15_waivers.py",
    "conflicts.py": "test_conflicts.py",
    "demographics.py": "test_R24_sex.py",
    "episodes.py": "test_R06_R09_infusions.py",
    "evidence.py": "test_evidence.py",
    "grid.py": "test_R10_R12_slots.py",
    "history.py": "test_R20_discovery.py",
    "growing.py": "test_growing.py",
    "matters.py": "test_R05_voids.py",
    "naming.py": "test_R05_voids.py",
    "acts.py": "test_worked_examples.py",
    "once.py": "test_R22_findings.py",
    "roll_up.py": "test_R17_R19_roll_up.py",
    "rolling.py": "test_R21_yearly.py",
    "spans.py": "test_spans_of_timelines.py",
    "standing.py": "test_R14_absence_refusal.py",
    "statements.py": "test_R05_voids.py",
    "summary.py": "test_timeline_entries.py",
    "tail.py": "test_spans_of_timelines.py",
    "timeline.py": "test_timeline_entries.py",
    "touched.py": "test_affected.py",
    "treatment.py": "test_R06_R09_infusions.py",
    "versions.py": "test_R04_versions.py",
    "voids.py": "test_R05_voids.py",
}
# Tests of what is built on the obligations. Only the files that are built for it need them: the others have their own.
BUILT_ON = [
    f"--ignore={TESTS}/{name}"
    for name in (
        "deviations",
        "holds",
        "readiness",
        "test_scenes.py",
        "test_infusion_rules_written.py",
        "test_periods.py",
        "test_forecast.py",
        "test_comparing.py",
        "test_explanation.py",
        "test_explanation_of_evidence.py",
        "test_catalogue.py",
    )
]
BUILT_FOR = {
    "comparing.py",
    "durations.py",
    "forecasting.py",
    "infusion_rules.py",
    "overrides.py",
    "record.py",
    "scenes.py",
}


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module, with another source than on disk."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, self.name, "exec"), module.__dict__)


def start(mutant: Mutant | None, seconds: int) -> int:
    """Fork a child that tries a mutant (None: the code as it is) and answer its process id."""
    child = os.fork()
    if child:
        return child
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # catches a mutant that loops for ever
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    if mutant is not None:
        name = ".".join(mutant.file.with_suffix("").parts).removesuffix(".__init__")
        sys.meta_path.insert(0, _Mutated(name, mutant.source()))
        if mutant.file.name in SPECIALISTS and not _passes(f"{TESTS}/{SPECIALISTS[mutant.file.name]}"):
            os._exit(1)
    narrow = [] if mutant is None or mutant.file.name in BUILT_FOR else BUILT_ON
    os._exit(int(pytest.main([*ARGUMENTS, *narrow, TESTS])))


def _passes(tests: str) -> bool:
    """Asked of a child, so that only what passes pays for the collection of all the tests."""
    child = os.fork()
    if not child:
        os._exit(int(pytest.main([*ARGUMENTS, tests])))
    return os.waitpid(child, 0)[1] == 0


def preload() -> None:
    """Import what does not depend on the rules, so that no child has to."""
    for name in ("msgspec", "shared.contracts.v1.facts"):
        importlib.import_module(name)
    # What pytest makes of the tests is kept between the trials, outside of the tree.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = tempfile.mkdtemp(prefix="mutation-")
    atexit.register(shutil.rmtree, sys.pycache_prefix, ignore_errors=True)
    assert not any(name.startswith("services.monitoring") for name in sys.modules)


def tried(mutants: Sequence[Mutant], jobs: int, seconds: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant with whether the tests noticed it, as the trials end; `jobs` at a time."""
    waiting = list(reversed(mutants))
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant, seconds)] = mutant
        child, status = os.wait()
        yield running.pop(child), status != 0


def passes_unchanged(seconds: int) -> bool:
    _, status = os.waitpid(start(None, seconds), 0)
    return status == 0


def source_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.py") if file.name not in {"answers.py", "__init__.py"})
