"""Backup and restore of the monitoring database: the announcements and letters, and the projection beside them.

The projection could be rebuilt from the log; with it in the backup a restored service answers at once.
"""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, func, select, update

from services.monitoring.settings import Settings
from services.monitoring.store.announcements import new_stream_name
from services.monitoring.store.tables import announcement, metadata, published, stream, worker
from shared import backup
from shared.backup import Manifest


def back_up(settings: Settings, folder: Path) -> Manifest:
    """Takes one snapshot while it is written; raises BackupError or DatabaseError."""
    return backup.back_up(settings.database, "monitoring", metadata, folder)


def restore(settings: Settings, folder: Path) -> Manifest:
    """Fills an empty monitoring database; raises BackupError or DatabaseError, and then nothing was changed."""
    return backup.restore(settings.database, "monitoring", metadata, folder, _settle)


def _settle(connection: Connection) -> Sequence[str]:
    """Names the stream anew: after the backup it told more, under numbers that it will now give to other things.

    A client that was told those would else go on behind announcements that it never got.
    """
    old = connection.execute(select(stream.c.name)).scalar()
    if old is not None:
        new = new_stream_name()
        named = func.replace(announcement.c.payload, f'"announcement_id":"{old}-', f'"announcement_id":"{new}-')
        connection.execute(update(announcement).where(announcement.c.stream == old).values(stream=new, payload=named))
        connection.execute(update(published).where(published.c.stream == old).values(stream=new))
        connection.execute(update(stream).values(name=new))
    connection.execute(worker.delete())
    return ()
