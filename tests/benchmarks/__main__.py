"""python -m tests.benchmarks [--size short] [--list] [NAME ...]: what does it cost beside what else there is?

Each benchmark runs the product and its baselines in turn, in the same run on the same stores. Prints a line for each
and a table at the end, and keeps every figure in build/bench/figures.json (`--out`), with the revision, the versions
and the machine it was made with.
"""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.benchmarks.catalogue import benchmarks
from tests.benchmarks.frame import Bench, Benchmark, Size, Stores
from tests.benchmarks.report import Entry, keep, line, table
from tests.benchmarks.stores import RealStores


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="What it costs.")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--size", choices=["short", "full"], default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--out", type=Path, default=Path("build/bench/figures.json"))
    asked = parser.parse_args()
    known = {one.name: one for one in benchmarks()}
    if unknown := [name for name in asked.names if name not in known]:
        print(f"No benchmark is called {', '.join(unknown)}. --list names them.")
        return 2
    if asked.list:
        for one in known.values():
            print(f"{one.name:32} {one.what}")
        return 0
    with RealStores() as stores:
        entries = [measured(known[name], asked.size, asked.seed, stores, asked.out) for name in asked.names or known]
    print(table(entries))
    return 0 if all(entry.right for entry in entries) else 1


def measured(benchmark: Benchmark, size: Size, seed: int, stores: Stores, out: Path) -> Entry:
    """One benchmark, kept as soon as it is over."""

    def say(text: str) -> None:
        print(f"  {benchmark.name}: {text}", flush=True)

    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    load_before = round(os.getloadavg()[0], 2)
    began = time.monotonic()
    try:
        seen = benchmark.go(Bench(size, stores, folder, say, seed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    entry = Entry(benchmark, size, seen, round(time.monotonic() - began), load_before)
    keep(entry, out)
    print(line(entry), flush=True)
    return entry


if __name__ == "__main__":
    raise SystemExit(main())
