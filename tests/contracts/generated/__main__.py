"""Asks both services what their OpenAPI documents promise, with all checks of schemathesis, over HTTP.

`python -m tests.contracts.generated` (`--examples 1000`: an hour). Starts the embedded layout in a folder of its own,
with a patient who was infused and tested, so that questions find something.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contracts.generated.hooks import KNOWN
from tests.end_to_end.contract_session import Session
from tests.end_to_end.layouts import Embedded
from tests.real_parts.machine import ROOT


@contextmanager
def seeded(folder: Path) -> Iterator[tuple[Embedded, str]]:
    """The embedded layout on a manual clock, and the treatment that is known there."""
    layout = Embedded(folder)
    layout.start()
    try:
        session = Session(layout.course_url, layout.monitoring_url)
        try:
            session.open_and_infuse()
            session.one_result_however_often_it_is_sent()
        finally:
            session.close()
        yield layout, session.treatment
    finally:
        layout.stop()


def ask(url: str, treatment: str, examples: int, seed: int, *more: str) -> subprocess.CompletedProcess[str]:
    """One service's run; its output tells each broken promise with the request that shows it."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", "all", "--no-color"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure", *more]
    env = os.environ | {KNOWN: treatment, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=50, help="requests of each kind for each operation")
    parser.add_argument("--seed", type=int, default=1)
    options, more = parser.parse_known_args()
    codes = []
    with tempfile.TemporaryDirectory() as folder, seeded(Path(folder)) as (layout, treatment):
        for url in (layout.course_url, layout.monitoring_url):
            done = ask(url, treatment, options.examples, options.seed, *more)
            sys.stdout.write(done.stdout + done.stderr)
            codes.append(done.returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
