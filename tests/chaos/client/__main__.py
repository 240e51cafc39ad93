"""python -m tests.chaos.client --url URL --journal FILE: load on a course service until SIGTERM, every word kept.

A process of its own that imports nothing of the product. On SIGTERM it makes nothing new, goes on with what is
unanswered for `--drain` seconds, and ends.
"""

import argparse
import signal
import threading
import time
from pathlib import Path

from tests.chaos.client.journal import Journal
from tests.chaos.client.sender import Sender, Shared
from tests.chaos.client.treatments import Treatments

AHEAD = 1.0  # seconds of unused budget that may be caught up


class Rate:
    """So many facts a second, over all connections; what an outage left unused is caught up only a little."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._next = time.monotonic()

    def take(self, facts: int) -> None:
        if self._rate <= 0:
            return
        with self._lock:
            mine = max(self._next, time.monotonic() - AHEAD)
            self._next = mine + facts / self._rate
        time.sleep(max(0.0, mine - time.monotonic()))


def main() -> int:
    asked = _options().parse_args()
    journal = Journal(asked.journal)
    treatments = Treatments(asked.run, asked.treatments, asked.fill)
    shared = Shared(asked.run, asked.url, journal, treatments, Rate(asked.rate))
    senders = [Sender(shared, n, asked.seed, asked.bulk, asked.largest, asked.twice) for n in range(asked.connections)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: stop.set())
    for thread in threads:
        thread.start()
    stop.wait()
    shared.deadline = time.monotonic() + asked.drain
    shared.stopping.set()
    for thread in threads:
        thread.join(max(0.0, shared.deadline - time.monotonic()) + 25)
    journal.note({"end": time.monotonic()})
    journal.close()
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.client", description="Load with a journal.")
    parser.add_argument("--url", action="append", required=True, help="a course service; several take turns")
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--run", default="run", help="begins every message id and patient name")
    parser.add_argument("--rate", type=float, default=600.0, help="facts a second; 0 = as fast as it goes")
    parser.add_argument("--treatments", type=int, default=40, help="treatments abreast")
    parser.add_argument("--fill", type=int, default=150, help="facts after which a treatment is retired")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--bulk", type=float, default=0.3, help="the share of requests that carry many facts")
    parser.add_argument("--largest", type=int, default=30, help="facts of the largest of them")
    parser.add_argument("--twice", type=float, default=0.03, help="the share of answered requests that are sent again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drain", type=float, default=10.0, help="seconds to go on with what is unanswered")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
