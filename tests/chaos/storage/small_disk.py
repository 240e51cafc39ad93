"""A disk of some megabytes, in memory, that can be filled to the last byte and freed again."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.real_parts.machine import MissingPartError


class SmallDisk:
    """Mounted where only processes started with `inside` in front of their command find it; gone with `close`.

    `folder` is its place for them, `outside` the same place for everybody else. `user` mounts and owns it.
    """

    def __init__(self, megabytes: int, user: str | None = None) -> None:
        point = tempfile.mkdtemp(prefix="disk-", dir="/tmp")
        self.folder = Path(point)
        self._as_user: dict[str, Any] = {"user": user, "extra_groups": []} if user else {}
        self._own = os.getuid() != 0 or user is not None
        mount = f"mount -t tmpfs -o size={megabytes}m,mode=700 tmpfs {point} && echo mounted && exec cat"
        command = ["unshare", "--mount", *(["--user", "--map-root-user"] if self._own else []), "sh", "-c", mount]
        self._holder = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **self._as_user,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "mounted\n":
            told = self._holder.communicate()[1]
            self.folder.rmdir()
            raise MissingPartError(
                f"A small disk can't be mounted here ({told.strip()}). Run as root, or allow user namespaces "
                "(sysctl kernel.unprivileged_userns_clone=1)."
            )

    @property
    def inside(self) -> list[str]:
        user = ["--user", "--preserve-credentials"] if self._own else []
        return ["nsenter", f"--target={self._holder.pid}", *user, "--mount"]

    @property
    def outside(self) -> Path:
        return Path(f"/proc/{self._holder.pid}/root{self.folder}")

    def fill(self) -> None:
        """Takes all the space there is."""
        self._shell(f"cat /dev/zero >> {self.folder}/ballast 2>&1 || true")

    def free(self) -> None:
        self._shell(f"rm -f {self.folder}/ballast")

    def _shell(self, script: str) -> None:
        command = [*self.inside, "sh", "-c", script]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._as_user)

    @property
    def left(self) -> int:
        """Bytes that could still be written."""
        about = os.statvfs(self.outside)
        return about.f_bavail * about.f_frsize

    def close(self) -> None:
        self._holder.kill()
        self._holder.communicate()
        self.folder.rmdir()
