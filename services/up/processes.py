"""The two services as processes of `coursewatch up`: started, waited for, and ended without leftovers."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Self

import httpx

from services.up.settings import UpError

SECONDS_TO_START, SECONDS_TO_END, SECONDS_UNTOLD = 60.0, 10.0, 2.0


class Service:
    """One api process. It holds a pipe from us: should we be killed, the pipe closes and it ends itself."""

    def __init__(self, name: str, url: str, env: Mapping[str, str]) -> None:
        self.name, self.url = name, url
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no input in the command
            [sys.executable, "-m", f"services.{name}", "api", "--with-parent"],
            stdin=subprocess.PIPE,
            env=dict(env),
            start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def wait_until_ready(self, slow: Callable[[], None] = lambda: None) -> None:
        """Returns when /readyz says so, however long the log is; raises UpError if the process ends or stays silent.

        `slow` is called once, if it takes more than two seconds after the process answers.
        """
        started = time.monotonic()
        with httpx.Client(base_url=self.url, timeout=5) as client:
            while self._status(client, "/healthz") != httpx.codes.OK:
                if time.monotonic() - started > SECONDS_TO_START:
                    raise UpError(f"The {self.name} service does not answer at {self.url}; its log is above.")
                self._pause()
            answered = time.monotonic()
            told = False
            while self._status(client, "/readyz") != httpx.codes.OK:
                if not told and time.monotonic() - answered > SECONDS_UNTOLD:
                    told = True
                    slow()
                self._pause()

    def _pause(self) -> None:
        if self.ended:
            # It has said why on the terminal.
            raise UpError(f"The {self.name} service did not start.")
        time.sleep(0.05)

    @staticmethod
    def _status(client: httpx.Client, path: str) -> int | None:
        try:
            return client.get(path).status_code
        except httpx.TransportError:
            return None

    def ask_to_end(self) -> None:
        if not self.ended:
            self._process.terminate()

    def end(self) -> None:
        """SIGTERM, and only if that is not heard SIGKILL: everything answered 2xx is on disk either way."""
        if not self.ended:
            self.ask_to_end()
            try:
                self._process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
