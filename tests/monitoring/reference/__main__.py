"""`python -m tests.monitoring.reference --histories 10000 --seed 1`: the engine against the model, and what occurred.

Prints progress, a table of what occurred, and every disagreement on the fewest facts that still show it. Ends with 1 if
the two disagree anywhere or if something never occurred. `--histories 100` takes about a minute.
"""

import argparse
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.monitoring.properties.histories import questions
from tests.monitoring.reference.comparing import Case, differences, of_model, report, shrunk
from tests.monitoring.reference.histories import history
from tests.monitoring.reference.tally import Tally, count, never, table

PRINTED = 20  # more disagreements than a reader can judge are counted only


def cases(seed: int, number: int, asked: int) -> list[Case]:
    one = history(seed, number)
    return [Case(one.facts, on, known_at) for on, known_at in questions(one, random.Random(one.treatment), asked)]


def judged(seed: int, asked: int, number: int) -> tuple[int, Tally, list[str]]:
    """Every question about one history: what occurred, and the disagreements as a reader needs them."""
    tally: Tally = Counter()
    wrong = []
    for case in cases(seed, number, asked):
        said = of_model(case)
        tally += count(case, said)
        if differences(case, said):
            wrong.append(report(shrunk(case)))
    return number, tally, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.monitoring.reference", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first history: with --histories 1, one alone"
    )
    parser.add_argument("--questions", type=int, default=1, help="points of the two clocks asked of each history")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    numbers = range(chosen.first, chosen.first + chosen.histories)
    tally: Tally = Counter()
    disagreeing: list[int] = []
    since = last = time.monotonic()
    with ProcessPoolExecutor(chosen.processes) as pool:
        answers = pool.map(partial(judged, chosen.seed, chosen.questions), numbers, chunksize=4)
        for done, (number, occurred, wrong) in enumerate(answers, start=1):
            tally += occurred
            if wrong:
                disagreeing.append(number)
                if len(disagreeing) <= PRINTED:
                    print(f"== history {number} of seed {chosen.seed}", *wrong, sep="\n", flush=True)
            if time.monotonic() - last > 30:
                last = time.monotonic()
                print(f"{done:,} of {len(numbers):,}, {len(disagreeing)} disagree", file=sys.stderr, flush=True)
    print(table(tally))
    lacking = never(tally)
    print(f"never occurred: {', '.join(lacking) or 'nothing'}")
    minutes = (time.monotonic() - since) / 60
    print(f"{len(disagreeing)} of {len(numbers):,} histories disagree; {minutes:.0f} minutes")
    return 1 if disagreeing or lacking else 0


if __name__ == "__main__":
    sys.exit(main())
