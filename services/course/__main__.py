"""The course service's processes: `api` records facts and serves the feed, `relay` sends the log to Kafka."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from services.course.settings import from_environment
from shared.database import DatabaseError
from shared.serving import end_with_parent, refuse, serve
from shared.settings import SettingsError
from shared.telemetry import configure_logging


def main(arguments: Sequence[str]) -> int:
    options = _options().parse_args(arguments)
    try:
        settings = from_environment(os.environ)
    except SettingsError as wrong:
        return refuse(str(wrong))
    configure_logging("course", logging.WARNING if getattr(options, "with_parent", False) else logging.INFO)
    if options.process == "relay":
        from services.course.relay import RelayError, is_alive, run  # noqa: PLC0415 - loads the Kafka client

        try:
            if options.check:
                return 0 if is_alive(settings) else 1
            return run(settings, start_after=options.start_after)
        except (RelayError, DatabaseError, SettingsError) as stopped:
            return refuse(str(stopped))

    from services.course.api.app import create_app  # noqa: PLC0415 - FastAPI is loaded only here

    if options.with_parent:
        end_with_parent()
    return serve(
        lambda: create_app(settings),
        settings.host,
        settings.port,
        "COURSEWATCH_COURSE_PORT",
        (SettingsError, DatabaseError),
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coursewatch course", description="The course service.")
    processes = parser.add_subparsers(dest="process", required=True, metavar="process")
    api = processes.add_parser("api", help="record facts and serve the feed")
    api.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    relay = processes.add_parser("relay", help="send the log to Kafka")
    relay.add_argument(
        "--from",
        dest="start_after",
        type=_position,
        metavar="POSITION",
        help="send again everything after this position of the log (0 = all of it), then go on",
    )
    relay.add_argument("--check", action="store_true", help="exit 0 if a relay is at work, else 1; starts nothing")
    return parser


def _position(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError("a position is a whole number; 0 is the beginning of the log")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
