"""The line of `coursewatch protocol`: which of its questions is asked, and of what."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """0 = fine or done; 1 = the protocol has mistakes; 2 = the line, a setting or the database is wrong."""
    options = _options().parse_args(arguments)
    from services.monitoring.protocol_commands.check import check  # noqa: PLC0415 - the rules load only when asked

    return check(options.protocol, as_json=options.json)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coursewatch protocol", description="A protocol, before it is in force.")
    asked = parser.add_subparsers(dest="asked", required=True, metavar="question")
    check = asked.add_parser("check", help="can it be read, do its worked examples hold, and what is in it")
    check.add_argument("protocol", type=Path, help="a TOML file, or a folder of them")
    check.add_argument("--json", action="store_true", help="for machines")
    return parser
