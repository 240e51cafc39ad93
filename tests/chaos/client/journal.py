"""The client's own record of what it asked for and what it was told: lines of JSON, on disk before they count.

`promise` returns when its line is durable; lines that come together share one fsync. `note` only takes its place in
the order, and is durable with the next promise or at the end.
"""

import json
import os
import threading
import time
from pathlib import Path


class Journal:
    """One file, appended by many threads; the order of its lines is the order of the calls."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._changed = threading.Condition()
        self._waiting: list[bytes] = []
        self._handed_in = 0
        self._durable = 0
        self._flushing = False

    def note(self, line: dict[str, object]) -> None:
        with self._changed:
            self._append(line)

    def promise(self, line: dict[str, object]) -> None:
        """On return the line, and all before it, would survive a power cut."""
        with self._changed:
            ticket = self._append(line)
            while self._durable < ticket:
                if self._flushing:
                    self._changed.wait()
                else:
                    self._flush()

    def close(self) -> None:
        with self._changed:
            while self._waiting or self._flushing:
                if self._flushing:
                    self._changed.wait()
                else:
                    self._flush()
        os.close(self._file)

    def _append(self, line: dict[str, object]) -> int:
        text = json.dumps({"at": round(time.monotonic(), 6), **line}, separators=(",", ":"))
        self._waiting.append(text.encode() + b"\n")
        self._handed_in += 1
        return self._handed_in

    def _flush(self) -> None:
        """Called with the lock held; lets go of it while the disk works."""
        self._flushing = True
        lines, self._waiting = self._waiting, []
        reached = self._handed_in
        self._changed.release()
        try:
            os.write(self._file, b"".join(lines))
            os.fdatasync(self._file)
        finally:
            self._changed.acquire()
            self._flushing = False
        self._durable = reached
        self._changed.notify_all()
