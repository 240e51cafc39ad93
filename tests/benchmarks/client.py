"""A process that puts load on something: it is told what on standard input, and tells what it saw when it is over."""

import subprocess
import sys
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

Seen = TypeVar("Seen", bound=msgspec.Struct)


class Client(Generic[Seen]):
    """`module` under way with a plan."""

    def __init__(self, module: str, plan: msgspec.Struct, seen: type[Seen]) -> None:
        self._seen = seen
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        self.pid = self._process.pid
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(plan))
        self._process.stdin.close()

    @property
    def over(self) -> bool:
        return self._process.poll() is not None

    def seen(self) -> Seen:
        """Waits for its end."""
        assert self._process.stdout is not None
        with self._process.stdout as out:
            told = out.read()
        if self._process.wait():
            raise RuntimeError("A load client failed; its error stands above.")
        return msgspec.json.decode(told, type=self._seen)
