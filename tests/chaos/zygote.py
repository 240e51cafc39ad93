"""A process that has imported the product and forks the true `main` of any of its parts on demand.

A part that is killed a thousand times must not pay a second of imports each time. What comes after the imports is
the start itself: settings, database checks, migrations, lock file, recovery. Reads one order (JSON) a line, answers
with the process id. A part dies with this process.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from typing import Any

MODULES = (
    "services.course.__main__",
    "services.course.api.app",
    "services.course.relay",
    "services.monitoring.__main__",
    "services.monitoring.api.app",
    "services.monitoring.commands",
    "services.monitoring.publisher",
    "services.monitoring.transport.kafka",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "tests.chaos.without",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
)
_PR_SET_PDEATHSIG = 1


def main() -> None:
    for module in MODULES:
        importlib.import_module(module)
    gc.freeze()
    # The dead are not waited for: the kernel takes them away.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order)
        _say(str(child))


def _become(order: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(order["env"])
    code = 1
    try:
        for name in order["without"]:
            module, _, function = name.rpartition(".")
            getattr(importlib.import_module(module or "tests.chaos.without"), function)()
        service, *arguments = order["words"].split()
        code = importlib.import_module(f"services.{service}.__main__").main(arguments)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
