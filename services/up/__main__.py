"""`coursewatch up`: both services on this machine, until Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack

from services.up import demo, greeting
from services.up.processes import Service
from services.up.settings import SEED, Settings, UpError, read
from shared.database import make_folder
from shared.serving import cant_listen, listen, refuse
from shared.settings import SettingsError


def main(arguments: Sequence[str]) -> int:
    options = _options().parse_args(arguments)
    stop = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: _interrupt(stop))
    try:
        settings = read(os.environ, options.patients, options.seed)
        _run(settings, stop)
    except (UpError, SettingsError) as wrong:
        return refuse(str(wrong))
    except KeyboardInterrupt:
        pass  # while starting: what was started is ended, what was recorded is kept
    _say("Stopped. What was recorded is kept.")
    return 0


def _interrupt(stop: threading.Event) -> None:
    if not stop.is_set():
        stop.set()
        raise KeyboardInterrupt


def _run(settings: Settings, stop: threading.Event) -> None:
    for port, name in (
        (settings.course_port, "COURSEWATCH_COURSE_PORT"),
        (settings.monitoring_port, "COURSEWATCH_MONITORING_PORT"),
    ):
        try:
            listen(settings.host, port).close()
        except OSError as error:
            raise UpError(cant_listen(error, settings.host, port, name)) from error
    try:
        make_folder(settings.data)
    except OSError as error:
        raise UpError(
            f"The folder {settings.data} can't be made. Set COURSEWATCH_DATA to one that can be written."
        ) from error
    course_url = f"http://{settings.host}:{settings.course_port}"
    monitoring_url = f"http://{settings.host}:{settings.monitoring_port}"
    environment = {**os.environ, "COURSEWATCH_COURSE_URL": course_url}
    demo.load(
        settings.data,
        settings.demo_patients,
        settings.seed,
        lambda: _demo_service(environment),
        _say,
        asked=settings.patients is not None,
    )
    with ExitStack() as running:
        services = [
            running.enter_context(Service("course", course_url, environment)),
            running.enter_context(Service("monitoring", monitoring_url, environment)),
        ]
        for service in services:
            # Last in, first out: all are asked to end before the first is waited for.
            running.callback(service.ask_to_end)
        for service in services:
            service.wait_until_ready(lambda: _say(greeting.reading(monitoring_url)))
        _say(greeting.text(course_url, monitoring_url, settings.data))
        while not stop.wait(0.5):
            for service in services:
                if service.ended:
                    raise UpError(f"The {service.name} service ended by itself; its last words are above.")


def _demo_service(environment: dict[str, str]) -> Service:
    with listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    return Service("course", f"http://127.0.0.1:{port}", demo.environment(environment, port))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coursewatch up", description="Both services on this machine, until Ctrl-C.")
    parser.add_argument(
        "--patients", type=_count, metavar="N", help="demo patients for an empty log (default 48; 0 = none)"
    )
    parser.add_argument("--seed", type=_count, default=SEED, metavar="S", help="which demo cohort (default 1)")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 10_000:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 10000")
    return int(text)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
