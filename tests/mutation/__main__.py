"""python -m tests.mutation [--sample N] [--seed S] [--jobs 2] [FILE ...]: do the tests of the rules notice slips?

Runs from the repository's root. Mutates services/monitoring/rules one slip at a time and runs tests/monitoring/rules
until the first failure. Prints the survivors with file and line, and the share that was noticed.
"""

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.trial import passes_unchanged, preload, source_files, tried

RULES = Path("services/monitoring/rules")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="A mutation run over the rules.")
    parser.add_argument("files", nargs="*", type=Path, help="only these files")
    parser.add_argument("--sample", type=int, help="try only so many, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=60, help="processor time for one mutant")
    asked = parser.parse_args()
    preload()
    if not passes_unchanged(asked.seconds):
        print("tests/monitoring/rules fail or are too slow without any mutation: mend that first.")
        return 2
    mutants = [mutant for file in asked.files or source_files(RULES) for mutant in mutants_of(file)]
    total = len(mutants)
    if asked.sample is not None and asked.sample < total:
        mutants = random.Random(asked.seed).sample(mutants, asked.sample)
    return report(mutants, total, asked.jobs, asked.seconds)


def report(mutants: list[Mutant], total: int, jobs: int, seconds: int) -> int:
    began = time.monotonic()
    noticed: Counter[str] = Counter()
    survivors: list[Mutant] = []
    for place, (mutant, killed) in enumerate(tried(mutants, jobs, seconds), start=1):
        noticed[mutant.file.name] += killed
        if not killed:
            survivors.append(mutant)
            print(f"survived  {mutant}", flush=True)
        if place % 50 == 0:
            print(f"… {place} of {len(mutants)}, {len(survivors)} survived", file=sys.stderr, flush=True)
    tries = Counter(mutant.file.name for mutant in mutants)
    for name in sorted(tries):
        print(f"{name:20} {noticed[name]:4} of {tries[name]:4} noticed")
    killed_all = len(mutants) - len(survivors)
    share = 100 * killed_all / max(len(mutants), 1)
    minutes = (time.monotonic() - began) / 60
    print(f"{killed_all} of {len(mutants)} mutants noticed ({share:.1f} %), {total} possible, {minutes:.1f} minutes")
    return 0 if share >= 90 else 1


if __name__ == "__main__":
    sys.exit(main())
