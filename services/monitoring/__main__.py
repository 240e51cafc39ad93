"""The monitoring service's processes: `api` answers, `consume` projects, the others mend."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from services.monitoring.settings import Settings, SettingsError, from_environment
from services.monitoring.transport.seam import TransportError
from services.monitoring.written import CatalogueError
from shared.database import DatabaseError
from shared.serving import end_with_parent, refuse, serve
from shared.telemetry import configure_logging

_SENTENCES = (SettingsError, DatabaseError, CatalogueError)


def main(arguments: Sequence[str]) -> int:
    options = _options().parse_args(arguments)
    try:
        settings = from_environment(os.environ)
        return _run(settings, options)
    except _SENTENCES as wrong:
        return refuse(str(wrong))
    except TransportError as silent:
        return refuse(f"Nothing was changed: {silent}. Start the course service, or set COURSEWATCH_COURSE_URL.")


def _run(settings: Settings, options: argparse.Namespace) -> int:
    quiet = getattr(options, "with_parent", False) or options.process not in {"api", "consume"}
    configure_logging("monitoring", logging.WARNING if quiet else logging.INFO)
    if options.process == "api":
        return _api(settings, with_parent=options.with_parent)
    from services.monitoring import commands  # noqa: PLC0415 - each process loads only what it needs

    does: Mapping[str, Callable[[], int]] = {
        "consume": lambda: commands.check(settings) if options.check else commands.consume(settings),
        "rebuild": lambda: commands.rebuild(settings),
        "waiting": lambda: commands.waiting(settings),
        "redrive": lambda: commands.redrive(settings),
        "dismiss": lambda: commands.dismiss(settings, options.letter),
        "unpark": lambda: commands.unpark(settings, options.treatment),
    }
    return does[options.process]()


def _api(settings: Settings, *, with_parent: bool) -> int:
    from services.monitoring.api.app import create_app  # noqa: PLC0415 - FastAPI is loaded only here

    if with_parent:
        end_with_parent()
    return serve(
        lambda: create_app(settings),
        settings.host,
        settings.port,
        "COURSEWATCH_MONITORING_PORT",
        _SENTENCES,
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coursewatch monitoring", description="The monitoring service.")
    processes = parser.add_subparsers(dest="process", required=True, metavar="process")
    api = processes.add_parser("api", help="serve lists, streams and pages; without Kafka also read the feed")
    api.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    consume = processes.add_parser("consume", help="read Kafka into the database, announce and publish")
    consume.add_argument("--check", action="store_true", help="exit 0 if a consumer is at work, else 1; starts nothing")
    processes.add_parser("rebuild", help="build the projection anew from the log, beside the old one")
    processes.add_parser("redrive", help="read every dead letter again, as after an update")
    dismiss = processes.add_parser("dismiss", help="put away a dead letter that is no fact; its bytes are kept")
    dismiss.add_argument("letter", type=_number, help="its number, as `coursewatch monitoring waiting` lists it")
    processes.add_parser("waiting", help="list what waits for an operator: parked treatments, dead letters, a fork")
    unpark = processes.add_parser("unpark", help="project one treatment anew from the feed")
    unpark.add_argument("treatment", type=UUID, help="the treatment's id")
    return parser


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError("a letter's number is a whole number of nine digits at most")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
