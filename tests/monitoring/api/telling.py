"""Announcements as the projector stores them, without a projector."""

from datetime import date

from services.monitoring.store.announcements import Draft, lock_stream
from services.monitoring.store.progress import stream_head
from shared.contracts.v1.announcements import Kind
from shared.database import Database

TREATMENT = "0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41"


def draft(
    slot: int, kind: Kind = "became-overdue", requirement: str = "MON-01", site: str = "neuro-1", known_at: int = 0
) -> Draft:
    return Draft(
        kind=kind,
        effective_on=date(2024, 7, 16),
        obligation_id=f"{TREATMENT}.{requirement}.e1.s{slot}",
        treatment=TREATMENT,
        requirement=requirement,
        site=site,
        due_on=date(2024, 7, 15),
        standing="overdue",
        caused_by=None,
        known_at=known_at,
        edition="alemtuzumab-ms@2024-01",
    )


def tell(store: Database, *drafts: Draft) -> None:
    with store.write() as connection:
        assert lock_stream(connection).tell(connection, drafts).total() == len(drafts)


def tell_slots(store: Database, slots: range) -> None:
    tell(store, *(draft(slot) for slot in slots))


def stream_name(store: Database) -> str:
    with store.read() as connection:
        return stream_head(connection).name
