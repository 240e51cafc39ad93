"""The line of `coursewatch protocol`: which of its questions is asked, and of what."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from getpass import getuser
from pathlib import Path

from services.monitoring.settings import SettingsError, from_environment
from services.monitoring.written import CatalogueError
from shared.database import DatabaseError
from shared.serving import refuse


def main(arguments: Sequence[str]) -> int:
    """0 = fine or done; 1 = the protocol has mistakes; 2 = the line, a setting or the database is wrong."""
    options = _options().parse_args(arguments)
    try:
        return _run(options)
    except CatalogueError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    except (SettingsError, DatabaseError) as wrong:
        return refuse(str(wrong))


def _run(options: argparse.Namespace) -> int:
    # Each question loads only what it needs: a check needs no database.
    if options.asked == "check":
        from services.monitoring.protocol_commands.check import check  # noqa: PLC0415

        return check(options.protocol, as_json=options.json)
    settings = from_environment(os.environ)
    if options.asked in {"activate", "history"}:
        from services.monitoring.protocol_commands.activate import activate, history  # noqa: PLC0415

        if options.asked == "history":
            return history(settings)
        return activate(settings, options.protocol, options.reason, options.author)
    from services.monitoring.protocol_commands.impact import impact  # noqa: PLC0415

    return impact(settings, options.protocol, options.on, options.against, as_json=options.json)


def _options() -> argparse.ArgumentParser:
    does = "A protocol: before it is in force, and putting it there."
    parser = argparse.ArgumentParser(prog="coursewatch protocol", description=does)
    asked = parser.add_subparsers(dest="asked", required=True, metavar="question")
    check = asked.add_parser("check", help="can it be read, do its worked examples hold, and what is in it")
    impact = asked.add_parser("impact", help="which obligations of which treatments it would change; changes nothing")
    activate = asked.add_parser("activate", help="puts it in force for what is known from now on")
    asked.add_parser("history", help="every edition that was ever in force, since when and why")
    for question in (check, impact, activate):
        question.add_argument("protocol", type=Path, help="a TOML file, or a folder of them")
    for question in (check, impact):
        question.add_argument("--json", action="store_true", help="for machines")
    activate.add_argument("--reason", required=True, type=_words, help="why, for those who audit; no patient's name")
    activate.add_argument("--author", default=getuser(), type=_words, help="who; else the name of the account")
    impact.add_argument("--on", type=_day, metavar="DATE", help="the date judged, like 2024-01-31; else today")
    impact.add_argument("--against", metavar="NAME", help="the protocol to compare with; else the one of its edition")
    return parser


def _words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("write at least a word")
    return text.strip()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a date like 2024-01-31") from None
