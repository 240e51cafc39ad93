"""strace as an instrument: watches the system calls of a running process and makes some of them fail."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.real_parts.machine import MissingPartError

_INJECTED = re.compile(r"\(INJECTED\)|\(DELAYED\)")


class Strace:
    """Attached to one thread (or, with `whole`, to a process and all its threads) until `detach`.

    `options` are strace's own, like `-e inject=fdatasync:error=EIO:when=3`. What it saw is in `log`.
    """

    def __init__(self, task: int, log: Path, options: Sequence[str], *, whole: bool = False) -> None:
        program = shutil.which("strace")
        if program is None:
            raise MissingPartError("strace is missing. Install it (Debian: apt install strace).")
        self.log = log
        command = [program, *(["-f"] if whole else []), "-o", str(log), *options, "-p", str(task)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._wait_until_attached(task)

    def detach(self) -> None:
        """Lets go of the process, which runs on untouched."""
        self._process.send_signal(signal.SIGINT)
        self.wait()

    def wait(self) -> None:
        """Until strace has ended, with what it watched or after `detach`."""
        self._process.communicate(timeout=30)

    @property
    def injected(self) -> int:
        """System calls that were made to fail so far."""
        return len(_INJECTED.findall(self.log.read_text(errors="replace"))) if self.log.exists() else 0

    def _wait_until_attached(self, task: int) -> None:
        deadline = time.monotonic() + 10
        while not _is_traced(task):
            if self._process.poll() is not None or time.monotonic() > deadline:
                told = self._process.communicate()[1] if self._process.poll() is not None else "no answer"
                raise MissingPartError(
                    f"strace may not watch a process here ({told.strip()}). Allow ptrace: in a container, "
                    "--cap-add SYS_PTRACE."
                )
            time.sleep(0.002)


def _is_traced(task: int) -> bool:
    try:
        return "TracerPid:\t0\n" not in Path(f"/proc/{task}/status").read_text()
    except OSError:  # it was, and is dead already: the call in which it was met was the one to die before
        return True
