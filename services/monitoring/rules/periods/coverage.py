"""When a prophylaxis ran: from its starts and stops, and the gaps that they leave in a period."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from services.monitoring.rules.calendar import ONE_DAY
from services.monitoring.rules.periods.period import Gap
from services.monitoring.rules.record import Record
from shared.contracts.v1.facts import ProphylaxisStarted, ProphylaxisStopped

Stretch = tuple[date, date | None]  # first day; the day of the stop, which is not covered any more


def stretches(record: Record, prophylaxis: str, on: date) -> list[Stretch]:
    """A start and a stop of one day leave it as the later of the two in the log says."""
    said = [
        (one.first, one.version, starts)
        for kind, starts in ((ProphylaxisStarted, True), (ProphylaxisStopped, False))
        for one in record.of(kind, on)
        if one.data.kind == prophylaxis
    ]
    found: list[Stretch] = []
    since: date | None = None
    for day, _, starts in sorted(said):
        if starts and since is None:
            since = day
        elif not starts and since is not None:
            found.append((since, day))
            since = None
    return [*found, (since, None)] if since is not None else found


def gaps(covered: Sequence[Stretch], first: date, last: date) -> Iterator[Gap]:
    """The days from `first` through `last` that no stretch covers."""
    day = first
    for start, stop in covered:
        if start > last:
            break
        if day < start:
            yield Gap(day, start - ONE_DAY)
        day = max(day, stop if stop is not None else last + timedelta(days=1))
    if day <= last:
        yield Gap(day, last)
