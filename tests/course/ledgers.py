"""A ledger for tests: on either store, with messages that are quick to write."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar
from uuid import UUID

from services.course.application import Ledger
from services.course.domain.outcome import Opened, Outcome, Stored
from services.course.domain.submission import Identifier, Opening, Submission
from shared.contracts.v1.facts import InfusionAdministered
from shared.contracts.v1.feed import FeedItem

NOW = datetime(2024, 6, 10, 13, 2, 11, 532000, tzinfo=UTC)
Result = TypeVar("Result")


class StillClock:
    """Stands still until a test moves it, in either direction."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def step(self, **by: float) -> None:
        self.at += timedelta(**by)


def patient(number: int | str = "MRN-0042") -> Identifier:
    return Identifier("urn:hospital:mrn", str(number))


def opening(identifier: Identifier | None = None, **said: Any) -> Opening:
    said = {"sender": "local", "zone": "America/New_York", **said}
    return Opening(identifier=identifier or patient(), **said)


def infusion(treatment: UUID | None = None, **said: Any) -> Submission:
    """A posted infusion; it differs from another by what is said."""
    said = {
        "sender": "local",
        "received": b'{"as":"it came"}',
        "data": InfusionAdministered(dose_mg=12),
        "source": "urn:hospital:ehr",
        "author": "nurse-1",
        "occurred_at": None if "occurred_on" in said else "2024-05-15T10:00:00-04:00",
        **said,
    }
    return Submission(treatment=treatment, **said)


def run(doing: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(doing)


def opened(ledger: Ledger, identifier: Identifier | None = None, **said: Any) -> Opened:
    return run(ledger.open_treatment(opening(identifier, **said)))


def record(ledger: Ledger, *submissions: Submission) -> list[Outcome]:
    return run(ledger.record(submissions))


def stored(ledger: Ledger, submission: Submission) -> Stored:
    outcome = record(ledger, submission)[0]
    assert isinstance(outcome, Stored)
    return outcome


def whole_log(ledger: Ledger) -> list[FeedItem]:
    return run(ledger.feed(0, 10_000)).events


def assert_gapless(log: Sequence[FeedItem]) -> None:
    """Positions 1..n, versions 1..n in each treatment, recorded_at strictly increasing."""
    assert [item.position for item in log] == list(range(1, len(log) + 1))
    versions: dict[str, int] = {}
    for item in log:
        assert item.version == versions.get(item.treatment, 0) + 1
        versions[item.treatment] = item.version
    instants = [item.recorded_at for item in log]
    assert all(earlier < later for earlier, later in pairwise(instants))
    assert len({item.fact_id for item in log}) == len(log)
