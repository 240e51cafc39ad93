"""Listeners of the stream on bare sockets: good ones that come back where they were, and deaf ones that never read."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

PATH = "/v1/obligations/stream"
PATIENCE = 60.0


def connect(port: int, last_id: str | None = None, *, window: int | None = None) -> socket.socket:
    """Asks for the stream; `window` is the size of the buffer in which this machine keeps what is not read yet."""
    asking = socket.socket()
    if window is not None:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    asking.connect(("127.0.0.1", port))
    resume = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
    asking.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n{resume}\r\n".encode())
    return asking


def was_dropped(deaf: socket.socket, seconds: float = 5.0) -> bool:
    """Whether what a deaf listener finally reads comes to an end."""
    deaf.settimeout(seconds)
    try:
        while deaf.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


@dataclass
class Good:
    """Reads all until announcement number `until`; breaks the connection `breaks` times on the way.

    `heard` are the numbers and the data of what was announced, in order. `forgetful`: comes back without its last id.
    """

    port: int
    first: int
    until: int
    breaks: int
    forgetful: bool = False
    heard: list[tuple[int, str]] = field(default_factory=list)
    resets: int = 0
    connections: int = 0
    trouble: str = ""
    _last_id: str | None = None

    def start(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._ready.wait(PATIENCE):
            raise RuntimeError(f"the stream did not begin: {self.trouble}")

    def wait(self, seconds: float) -> bool:
        """Whether it has heard the last one."""
        self._thread.join(seconds)
        return not self._thread.is_alive() and not self.trouble

    def _run(self) -> None:
        each = (self.until - self.first) // (self.breaks + 1) + 1
        try:
            while not self._listen(each):
                pass
        except (OSError, ValueError) as error:
            self.trouble = f"{type(error).__name__}: {error}"

    def _listen(self, most: int) -> bool:
        """One connection: until so many were announced, or the last of all."""
        listening = connect(self.port, None if self.forgetful else self._last_id)
        self.connections += 1
        listening.settimeout(PATIENCE)
        before = len(self.heard)
        fields: dict[str, str] = {}
        with listening, listening.makefile("r", encoding="utf-8", newline="\n") as lines:
            for line in lines:
                name, _, value = line.rstrip("\r\n").partition(": ")
                if name:
                    fields[name] = value
                    continue
                if self._told(fields):
                    return True
                fields = {}
                # Broken off in the middle of what is on its way.
                if self.connections <= self.breaks and len(self.heard) - before >= most:
                    with suppress(OSError):
                        listening.shutdown(socket.SHUT_RDWR)
                    return False
        time.sleep(0.01)
        return False

    def _told(self, fields: dict[str, str]) -> bool:
        """Takes one frame; whether the last number has come."""
        event = fields.get("event")
        if event is None:
            return False
        self._last_id = fields["id"]
        self._ready.set()
        number = int(self._last_id.rpartition("-")[2])
        if event == "reset":
            self.resets += 1
        elif event not in {"hello", "heartbeat"}:
            self.heard.append((number, fields["data"]))
        return number >= self.until
