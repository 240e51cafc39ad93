"""Processes of ours for the tests: started with an environment, waited for, ended whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.real_parts.machine import ROOT, start

SECONDS = 30.0


class Process:
    """One `python -m services.…`, with its log in a file."""

    def __init__(self, words: str, env: Mapping[str, str], log: Path) -> None:
        self.words, self.log = words, log
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("COURSEWATCH_")},
            **env,
        }
        self.start()

    def start(self) -> None:
        module, *rest = self.words.split()
        command = [sys.executable, "-m", f"services.{module}", *rest]
        self._process = start(command, self.log, signal.SIGKILL, env=self._env, cwd=ROOT)

    def wait_until_ready(self, url: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not _ready(url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.words} is not ready:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self._process.terminate()
        try:
            return self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def clean_environment() -> dict[str, str]:
    """The machine's, without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COURSEWATCH_")}


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
