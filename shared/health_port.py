"""A small port for processes that serve nothing else: /metrics, /healthz and /readyz of a relay or a consumer."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shared.metrics import CONTENT_TYPE
from shared.serving import cant_listen
from shared.settings import Setting, SettingsError

Ready = Callable[[], dict[str, object]]


@contextmanager
def health_port(
    host: str, port: int | None, setting: Setting, metrics: Callable[[], bytes], ready: Ready
) -> Iterator[None]:
    """Serves while the block lasts; nothing where no port is set. `ready` answers {"ready": bool, "checks": …}.

    Raises SettingsError, naming `setting`, where the address can't be listened on.
    """
    if port is None:
        yield
        return
    try:
        server = ThreadingHTTPServer((host, port), _handler(metrics, ready))
    except OSError as error:
        raise SettingsError(cant_listen(error, host, port, setting.name)) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(metrics: Callable[[], bytes], ready: Ready) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds that a client may take for its request
        server_version, sys_version = "coursewatch", ""

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, metrics(), CONTENT_TYPE)
                case "/healthz":
                    self._answer(200, b'{"alive":true}')
                case "/readyz":
                    found = ready()
                    self._answer(200 if found["ready"] else 503, json.dumps(found).encode())
                case _:
                    self._answer(404, b'{"title":"Here are /metrics, /healthz and /readyz."}')

        def log_message(self, *_: object) -> None:
            """Nothing: the library would log each address that was asked."""

        def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
