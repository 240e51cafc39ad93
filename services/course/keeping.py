"""Backup and restore of the course database: the log, what makes it idempotent, the quarantine and the directory."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from services.course.persistence.tables import metadata
from services.course.settings import Settings
from shared import backup
from shared.backup import Manifest

_WRONG = {
    "positions of the log are missing": "select count(*) <> coalesce(max(position), 0) from event",
    "versions of a treatment are missing": "select exists (select 1 from event group by treatment "
    "having count(*) <> max(version) or min(version) <> 1)",
    "an instant of the log is not later than the one before it": "select exists (select 1 from (select recorded_at, "
    "lag(recorded_at) over (order by position) as before from event) as pairs where recorded_at <= before)",
    "a message names a fact that is not there": "select exists (select 1 from message left join event "
    "using (position) where event.position is null)",
}


def back_up(settings: Settings, folder: Path) -> Manifest:
    """Takes one snapshot of the log while it is written; raises BackupError or DatabaseError."""
    return backup.back_up(settings.database, "course", metadata, folder)


def restore(settings: Settings, folder: Path) -> Manifest:
    """Fills an empty course database; raises BackupError or DatabaseError, and then nothing was changed."""
    return backup.restore(settings.database, "course", metadata, folder, wrong_with_the_log)


def wrong_with_the_log(connection: Connection) -> Sequence[str]:
    """What does not hold of the log, in words; nothing for a whole one."""
    return [words for words, query in _WRONG.items() if connection.execute(text(query)).scalar_one()]
