"""The monitoring service's processes."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from services.monitoring.settings import SettingsError, from_environment
from shared.database import DatabaseError
from shared.serving import end_with_parent, refuse, serve
from shared.telemetry import configure_logging


def main(arguments: Sequence[str]) -> int:
    options = _options().parse_args(arguments)
    try:
        settings = from_environment(os.environ)
    except SettingsError as wrong:
        return refuse(str(wrong))
    configure_logging("monitoring", logging.WARNING if getattr(options, "with_parent", False) else logging.INFO)

    from services.monitoring.api.app import create_app  # noqa: PLC0415 - FastAPI is loaded only here

    if options.with_parent:
        end_with_parent()
    return serve(
        lambda: create_app(settings),
        settings.host,
        settings.port,
        "COURSEWATCH_MONITORING_PORT",
        (SettingsError, DatabaseError),
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coursewatch monitoring", description="The monitoring service.")
    processes = parser.add_subparsers(dest="process", required=True, metavar="process")
    api = processes.add_parser("api", help="serve lists, streams and pages; without Kafka also read the feed")
    api.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
