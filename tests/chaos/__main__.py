"""python -m tests.chaos [--size short] [--seed S] [--list] [NAME ...]: does the river hold when its parts break?

Runs experiments on real parts, each followed by its negative control, which must fail. Prints a line for each and keeps
every finding in build/chaos/findings.json (`--out`), with the seed, the revision and the versions it was made with.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from tests.chaos.catalogue import experiments
from tests.chaos.experiment import Experiment, Finding, Run, Size
from tests.chaos.report import Entry, keep, line, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Experiments on faults.")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--size", choices=["short", "full"], default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--out", type=Path, default=Path("build/chaos/findings.json"))
    asked = parser.parse_args()
    known = {one.name: one for one in experiments()}
    if unknown := [name for name in asked.names if name not in known]:
        print(f"No experiment is called {', '.join(unknown)}. --list names them.")
        return 2
    if asked.list:
        for one in known.values():
            print(f"{one.name:32} {one.promise}")
        return 0
    entries = [tried(known[name], asked.size, asked.seed, asked.out) for name in asked.names or known]
    print(table(entries))
    return 0 if all(entry.held for entry in entries) else 1


def tried(experiment: Experiment, size: Size, seed: int, out: Path) -> Entry:
    """The experiment and its control, kept as soon as they are over."""
    began = time.monotonic()
    finding = _go(experiment, size, seed, without=False)
    control = _go(experiment, size, seed, without=True) if experiment.control else None
    entry = Entry(experiment, size, seed, finding, control, round(time.monotonic() - began))
    keep(entry, out)
    print(line(entry), flush=True)
    return entry


def _go(experiment: Experiment, size: Size, seed: int, *, without: bool) -> Finding:
    def say(text: str) -> None:
        print(f"  {experiment.name}{' (control)' if without else ''}: {text}", flush=True)

    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    try:
        return experiment.go(Run(size, seed, folder, say, without))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
