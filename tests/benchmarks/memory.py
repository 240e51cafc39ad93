"""How much memory processes take at most while a benchmark runs, read from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

PROC = Path("/proc")
EVERY = 0.5  # seconds


class Memory:
    """Peaks in MiB by name. A process alone: the kernel's own peak. A server of several: what was sampled of the sum,
    in which memory that they share counts once.
    """

    def __init__(self) -> None:
        self._roots: dict[str, list[int]] = defaultdict(list)
        self._peaks: dict[str, float] = defaultdict(float)
        self._over = Event()
        self._thread = Thread(target=self._sample, name="memory", daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def watch(self, name: str, pid: int | None = None, *, port: int | None = None) -> None:
        """A process and its children, by id or by the port it listens on; one that is not here is left out."""
        found = pid if pid is not None else listener(port or 0)
        if found is not None:
            self._roots[name].append(found)

    def peaks(self) -> dict[str, float]:
        self._look()
        return {name: round(peak, 1) for name, peak in self._peaks.items()}

    def _sample(self) -> None:
        while not self._over.wait(EVERY):
            self._look()

    def _look(self) -> None:
        children = _children()
        for name, roots in list(self._roots.items()):
            for root in roots:
                family = list(_family(root, children))
                amount = _peak(root) if len(family) == 1 else sum(map(_share, family))
                self._peaks[name] = max(self._peaks[name], amount)


def own_peak() -> float:
    """This process's, in MiB."""
    return _peak(os.getpid())


def listener(port: int) -> int | None:
    """The process of this machine that listens on a port; None if there is none, or it is another user's."""
    wanted = f":{port:04X}"
    rows = [line.split() for name in ("tcp", "tcp6") for line in (PROC / "net" / name).read_text().splitlines()[1:]]
    inodes = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(wanted) and row[3] == "0A"}
    holders = []
    for link in PROC.glob("[0-9]*/fd/*"):
        with suppress(OSError):
            if str(link.readlink()) in inodes:
                holders.append(int(link.parts[2]))
    return min(holders, default=None)


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for status in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = status.read_text().rpartition(")")[2].split()[1]
            found[int(parent)].append(int(status.parts[2]))
    return found


def _family(root: int, children: dict[int, list[int]]) -> Iterator[int]:
    yield root
    for child in children.get(root, ()):
        yield from _family(child, children)


def _peak(pid: int) -> float:
    return _field(PROC / str(pid) / "status", "VmHWM:")


def _share(pid: int) -> float:
    return _field(PROC / str(pid) / "smaps_rollup", "Pss:")


def _field(file: Path, name: str) -> float:
    with suppress(OSError):
        for line in file.read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    return 0.0
