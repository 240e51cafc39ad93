"""python -m tests.mutation [--sample N] [--seed S] [--jobs 2] [FILE ...]: do the tests of the rules notice slips?

Runs from the repository's root. Mutates services/monitoring/rules one slip at a time and runs tests/monitoring/rules
until the first failure. Says how far it is, names each survivor as file:line: original → mutated, and ends with the
share that was noticed; below 90 % it fails. Slips that change no answer are listed in equivalent.toml.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.equivalent import equivalents, outdated
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
    parser.add_argument("--list", action="store_true", help="print the mutants instead of trying them")
    asked = parser.parse_args()
    mutants = [mutant for file in asked.files or source_files(RULES) for mutant in mutants_of(file)]
    known = equivalents()
    if gone := outdated(known, mutants):
        for one in gone:
            print(f"equivalent.toml speaks of a slip that is no longer there: {one.file}: {one.line}: {one.mutation}")
        return 2
    mutants = [mutant for mutant in mutants if not any(one.covers(mutant) for one in known)]
    total = len(mutants)
    if asked.sample is not None and asked.sample < total:
        mutants = random.Random(asked.seed).sample(mutants, asked.sample)
    if asked.list:
        print(*mutants, sep="\n")
        return 0
    preload()
    if not passes_unchanged(asked.seconds):
        print("tests/monitoring/rules fail or are too slow without any mutation: mend that first.")
        return 2
    print(
        f"{len(mutants)} of {total} mutants, seed {asked.seed}; {len(known)} equivalent ones are left out", flush=True
    )
    return report(mutants, asked.jobs, asked.seconds)


def report(mutants: Sequence[Mutant], jobs: int, seconds: int) -> int:
    began = time.monotonic()
    noticed: Counter[str] = Counter()
    survived = 0
    for place, (mutant, killed) in enumerate(tried(mutants, jobs, seconds), start=1):
        noticed[mutant.file.name] += killed
        if not killed:
            survived += 1
            print(f"survived  {mutant}", flush=True)
        if place % 25 == 0:
            told = f"{share(place - survived, place)} noticed, {minutes_since(began)}"
            print(f"… {place} of {len(mutants)}, {told}", file=sys.stderr, flush=True)
    tries = Counter(mutant.file.name for mutant in mutants)
    for name in sorted(tries):
        print(f"{name:20} {noticed[name]:4} of {tries[name]:4} noticed")
    killed_all = len(mutants) - survived
    told = f"{share(killed_all, len(mutants))}, in {minutes_since(began)}"
    print(f"{killed_all} of {len(mutants)} mutants noticed: {told}")
    return 0 if killed_all >= 0.9 * len(mutants) else 1


def share(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.1f} %"


def minutes_since(began: float) -> str:
    return f"{(time.monotonic() - began) / 60:.1f} minutes"


if __name__ == "__main__":
    sys.exit(main())
