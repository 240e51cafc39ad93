"""What the real parts need of the machine: folders, free ports, processes that end with the tests."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"

_PR_SET_PDEATHSIG = 1


class MissingPartError(RuntimeError):
    """Kafka or PostgreSQL can't be had here; the text says what to install."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def start(command: Sequence[str], log: Path, end_with: signal.Signals, **options: object) -> subprocess.Popen[bytes]:
    """Starts a server in a group of its own, which the kernel ends should the tests be killed."""

    def end_with_parent() -> None:
        if os.uname().sysname == "Linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, end_with)

    with log.open("ab") as out:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            list(command),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - no thread of ours holds a lock that prctl needs
            **options,
        )


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            state = "ended" if process.poll() is not None else f"was not up within {seconds:.0f} s"
            raise RuntimeError(f"{process.args[0]!s} {state}:\n{log.read_text()[-3000:]}")  # type: ignore[index]
        time.sleep(0.02)
