"""The editions that were activated, with their whole text: appended, never changed, backed up and not rebuilt."""

import logging
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, func, insert, select

from services.monitoring.catalogue import edition_of, read
from services.monitoring.editions import Editions
from services.monitoring.facts import utc_text
from services.monitoring.rules.edition import Edition
from services.monitoring.store.tables import edition, treatment
from services.monitoring.written import CatalogueError, Written, merged

_log = logging.getLogger(__name__)


class Activated(Struct, frozen=True):
    """`activated_at` in microseconds; 0 = in force from the beginning. `files` are the texts by file name."""

    protocol: str
    activated_at: int
    name: str
    sha256: str
    files: dict[str, str]
    reason: str
    author: str

    def written(self) -> Written:
        return merged(self.protocol, {name: text.encode() for name, text in self.files.items()})


def record(connection: Connection, one: Activated) -> None:
    row = msgspec.structs.asdict(one) | {"files": msgspec.json.encode(one.files).decode()}
    connection.execute(insert(edition).values(row))


def recorded(connection: Connection) -> list[Activated]:
    """All of them, by protocol, in the order of their activation."""
    query = select(edition).order_by(edition.c.protocol, edition.c.activated_at)
    return [
        Activated(**row._asdict() | {"files": msgspec.json.decode(row.files, type=dict[str, str])})
        for row in connection.execute(query)
    ]


def refresh(connection: Connection, editions: Mapping[str, Edition]) -> None:
    """Gives a process what was activated since it looked last. Raises CatalogueError."""
    if not isinstance(editions, Editions):
        return
    there = int(connection.execute(select(func.count()).select_from(edition)).scalar_one())
    if there > editions.recorded:  # a projection that is built beside the store has none
        rows = recorded(connection)
        editions.renew([(one.activated_at, _edition(one, editions.profile)) for one in rows], len(rows))


def start(connection: Connection, editions: Editions) -> None:
    """As `refresh`, when a process starts: tells of editions that came with it and judge nothing."""
    refresh(connection, editions)
    for one in editions.never_activated:
        _log.warning(
            "This version brings %s, which is not in force: %s judges. See `coursewatch protocol impact` and "
            "`coursewatch protocol activate`.",
            one.name,
            editions[one.protocol].name,
        )


def waiting_since(connection: Connection) -> int | None:
    """The first activation that the roll-ups of some treatment do not follow yet."""
    behind = (treatment.c.protocol == edition.c.protocol) & (treatment.c.edition_at < edition.c.activated_at)
    query = select(func.min(edition.c.activated_at)).where(select(treatment.c.treatment).where(behind).exists())
    found = connection.execute(query).scalar_one()
    return None if found is None else int(found)


def behind(connection: Connection, protocol: str, activated_at: int, limit: int) -> list[str]:
    """Some treatments whose roll-ups do not follow an activation yet."""
    query = select(treatment.c.treatment).where(treatment.c.protocol == protocol, treatment.c.edition_at < activated_at)
    return list(connection.execute(query.limit(limit)).scalars())


_READ: dict[tuple[str, str, str], Edition] = {}  # by protocol, profile and hash


def _edition(one: Activated, profile: str) -> Edition:
    key = (one.protocol, profile, one.sha256)
    if key not in _READ:
        try:
            written = one.written()
            _READ[key] = edition_of(written, read(written), one.protocol, profile)
        except CatalogueError as wrong:
            raise CatalogueError(
                f"{one.name}, activated at {utc_text(one.activated_at)}, can't be read by this version of Coursewatch. "
                f"Go back to the version that could: {wrong}"
            ) from wrong
    return _READ[key]
