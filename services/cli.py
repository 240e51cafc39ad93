"""The `coursewatch` command: finds the part that is meant and hands the rest of the line to it."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

USAGE = """\
usage: coursewatch <command>

  up                       both services on this machine, with demo patients
  course api               the course service: records facts, serves the feed
  course relay             sends the log to Kafka
  monitoring api           the monitoring service: lists, streams, pages
  monitoring consume       reads Kafka into the monitoring database
  monitoring rebuild       builds the projection anew from the log
  monitoring waiting       lists what waits for an operator
  monitoring redrive       tries dead letters again
  monitoring dismiss       puts away a dead letter that nobody can read
  monitoring unpark        takes up a treatment that was set aside
  protocol check NEW       whether a protocol can be read, and what is in it
  protocol impact NEW      which obligations of whom it would change
  protocol activate NEW    puts it in force for what is known from now on
  protocol history         every edition that was in force, since when and why
  backup FOLDER            both databases into a new folder, while they are at work
  restore FOLDER           a backup into empty databases
  config                   every setting as it is in force, without secrets

`coursewatch <command> --help` tells the rest. Settings come from COURSEWATCH_*: see README.md.
"""


_COMMANDS = {
    "up": ("services.up.__main__", "main"),
    "course": ("services.course.__main__", "main"),
    "monitoring": ("services.monitoring.__main__", "main"),
    "protocol": ("services.monitoring.protocol_commands.main", "main"),
    "backup": ("services.keeping", "backup"),
    "restore": ("services.keeping", "restore"),
    "config": ("services.config", "main"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; 2 means that the command line or a setting is wrong."""
    first, *rest = list(sys.argv[1:] if arguments is None else arguments) or [""]
    if first in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0
    if first not in _COMMANDS:
        sys.stderr.write(USAGE)
        return 2
    if first != "config":
        _warn_of_slips()
    # Each part is imported only when it is asked for: one service never loads the other.
    module, function = _COMMANDS[first]
    return int(getattr(import_module(module), function)(rest))


def _warn_of_slips() -> None:
    if any(name.startswith("COURSEWATCH_") for name in os.environ):
        from services.config import warn  # noqa: PLC0415 - most run without a setting

        warn(os.environ)


if __name__ == "__main__":
    sys.exit(main())
