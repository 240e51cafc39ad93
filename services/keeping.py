"""`coursewatch backup` and `coursewatch restore`: both databases with one command, in the order that keeps them one.

Monitoring is taken first and the log after it, so that the log of a backup has every fact that was projected.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.course import keeping as course
from services.course import settings as course_settings
from services.monitoring import keeping as monitoring
from services.monitoring import settings as monitoring_settings
from shared.backup import BackupError, Manifest
from shared.database import DatabaseError
from shared.serving import refuse
from shared.settings import SettingsError

BOTH = ("course", "monitoring")


def backup(arguments: Sequence[str]) -> int:
    """Exit 0 when all is on disk."""
    folder, only = _read("backup", "Both databases into a new folder, while they are at work.", arguments)
    return _told(lambda: back_up(os.environ, folder, only))


def restore(arguments: Sequence[str]) -> int:
    """Exit 0 when all was read back and is as it was."""
    folder, only = _read("restore", "A backup into databases that are empty.", arguments)
    return _told(lambda: put_back(os.environ, folder, only))


def back_up(env: Mapping[str, str], folder: Path, only: str | None = None) -> list[Manifest]:
    """Raises BackupError, DatabaseError or SettingsError."""
    if only is None and folder.exists():
        raise BackupError(f"The folder {folder} is there already. Name one that is not.")
    made = []
    if only in {None, "monitoring"}:
        made.append(monitoring.back_up(monitoring_settings.from_environment(env), folder / "monitoring"))
    if only in {None, "course"}:
        made.append(course.back_up(course_settings.from_environment(env), folder / "course"))
    return made


def put_back(env: Mapping[str, str], folder: Path, only: str | None = None) -> list[Manifest]:
    """Raises BackupError, DatabaseError or SettingsError."""
    done = []
    if only in {None, "course"}:
        done.append(course.restore(course_settings.from_environment(env), folder / "course"))
    if only in {None, "monitoring"}:
        done.append(monitoring.restore(monitoring_settings.from_environment(env), folder / "monitoring"))
    return done


def _told(work: Callable[[], list[Manifest]]) -> int:
    try:
        for manifest in work():
            rows = sum(table.rows for table in manifest.tables.values())
            facts = manifest.tables["event" if manifest.service == "course" else "fact"].rows
            sys.stdout.write(f"{manifest.service}: {facts} facts, {rows} rows in all, as of {manifest.made_at}.\n")
    except (BackupError, DatabaseError, SettingsError) as wrong:
        return refuse(str(wrong))
    return 0


def _read(command: str, does: str, arguments: Sequence[str]) -> tuple[Path, str | None]:
    parser = argparse.ArgumentParser(prog=f"coursewatch {command}", description=does)
    parser.add_argument("folder", type=Path, help="it will hold names of patients: keep it as safe as the databases")
    parser.add_argument("--only", choices=BOTH, help="one of the two services")
    read = parser.parse_args(arguments)
    return read.folder, read.only
