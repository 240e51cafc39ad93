"""Serves one FastAPI application on one address until it is told to stop, and says in a sentence why it can't."""

import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BACKLOG = 2048  # connections that may wait, also while the application starts
GRACE = 3  # seconds that open answers (streams above all) get to end
# What the kernel takes for one connection before the sender must wait. Without a bound it takes 4 MiB for each client
# that never reads, and such a client is noticed late.
UNSENT = 64 * 1024
STUCK = 60  # seconds after which the kernel gives up a connection whose other side takes nothing


def listen(host: str, port: int) -> socket.socket:
    """A socket that has the address; raises OSError where it is taken or not this machine's.

    It listens from here on: two sockets that are only bound may share an address, and both would believe to have it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bound(listening)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _bound(listening: socket.socket) -> None:
    """Limits what one client may cost; every connection inherits it. Linux only: elsewhere the system's own hold."""
    for name, value in (("TCP_NOTSENT_LOWAT", UNSENT), ("TCP_USER_TIMEOUT", STUCK * 1000)):
        option = getattr(socket, name, None)
        if option is not None:
            listening.setsockopt(socket.IPPROTO_TCP, option, value)


def cant_listen(error: OSError, host: str, port: int, setting: str) -> str:
    """The sentence for an address that can't be listened on."""
    if error.errno == errno.EACCES:
        return f"Can't listen on {host}:{port}: this user may not. Set {setting} to a port above 1023."
    if error.errno != errno.EADDRINUSE:
        return f"Can't listen on {host}: it is no address of this machine. Set COURSEWATCH_HOST to one, like 127.0.0.1."
    return f"Can't listen on {host}:{port}: stop what uses the port, or set {setting} to a free one."


def serve(
    make_app: Callable[[], FastAPI],
    host: str,
    port: int,
    setting: str,
    sentences: tuple[type[Exception], ...],
) -> int:
    """Runs until SIGINT or SIGTERM and returns the exit code.

    What is being answered may end; the application's `state.hang_up`, if it has one, is called at the signal and ends
    the answers that would go on for long. `setting` names the variable that holds the port. Errors of the classes in
    `sentences` have a text for the operator, which is printed alone; every other one is logged with its place.
    """
    try:
        listening = listen(host, port)
    except OSError as error:
        return refuse(cant_listen(error, host, port, setting))
    with listening:
        try:
            made = make_app()
            app = _Startup(made, sentences)
        except sentences as error:
            return refuse(str(error))
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            lifespan="on",
            # Longer than clients keep an idle connection (5 to 60 seconds), so that none is closed under a request.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        # uvicorn raises the signal once more when it has shut down; by then there is nothing left to interrupt.
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: None)
        try:
            _Server(config, made).run(sockets=[listening])
        except SystemExit:
            return refuse(app.sentence) if app.sentence else 1
    return 0


def refuse(sentence: str) -> int:
    """Tells the operator why not, and returns the exit code for it."""
    sys.stderr.write(f"{sentence}\n")
    return 2


def end_with_parent() -> None:
    """Ends this process when the one that started it is gone: the pipe at its standard input then closes."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Server(uvicorn.Server):
    """Tells the application as soon as it is to end: uvicorn's own word comes when all answers are over."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if (hang_up := getattr(self._app.state, "hang_up", None)) is not None:
            hang_up()


class _Startup:
    """Passes everything on, and keeps the sentence of a start that failed."""

    def __init__(self, app: ASGIApp, sentences: tuple[type[Exception], ...]) -> None:
        self._app = app
        self._sentences = sentences
        self.sentence: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def without_traceback(message: Message) -> None:
            # Starlette puts the whole traceback there, and with it the parameters of a database statement.
            await send({**message, "message": ""} if message["type"].endswith(".failed") else message)

        try:
            await self._app(scope, receive, without_traceback)
        except self._sentences as error:
            self.sentence = str(error)
            raise
        except Exception:
            logging.getLogger(__name__).exception("The service could not start.")
            raise
