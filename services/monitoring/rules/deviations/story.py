"""The infusions that count on a date, each with what surrounds it: its end, its preparation, its observation."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from services.monitoring.rules.answers import Course, Episode
from services.monitoring.rules.durations import elapsed
from services.monitoring.rules.edition import Courses
from services.monitoring.rules.episodes import episodes, given_by
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.courses import DosePrepared, ObservationCompleted, PremedicationGiven
from shared.contracts.v1.facts import InfusionAdministered, InfusionStopped
from shared.texts import read_instant

Around = TypeVar("Around", DosePrepared, PremedicationGiven, ObservationCompleted)
_NEAR = timedelta(hours=24)  # what names no infusion belongs to one that is no farther away


class Given(Struct, frozen=True):
    """One infusion that counts. `end` is when it was over or stopped, `stopped`: not all of it was given."""

    fact_id: str
    data: InfusionAdministered
    first: date
    last: date
    start: datetime | None
    end: datetime | None
    stopped: bool
    mg: float
    course: int

    @property
    def precise(self) -> bool:
        return self.first == self.last


class Story:
    """What the checks are asked of: everything recorded that had happened by `on`."""

    def __init__(self, record: Record, courses: Courses, on: date) -> None:
        self.record = record
        self.on = on
        self.gap = courses.gap_days
        self.episodes: tuple[Episode, ...] = episodes(record.belief.infusions, courses, on)
        self.courses: tuple[Course, ...] = tuple(course for episode in self.episodes for course in episode.courses)

    @cached_property
    def infusions(self) -> tuple[Given, ...]:
        """In the order in which courses count them."""
        said = {one.fact_id: one for one in self.record.of(InfusionAdministered, self.on)}
        numbers = (course.course for course in self.courses for _ in range(course.infusions))
        return tuple(
            self._given(said[one.fact_id], mg, number)
            for (one, mg), number in zip(given_by(self.record.belief.infusions, self.on), numbers, strict=True)
        )

    def of_course(self, course: Course) -> tuple[Given, ...]:
        return tuple(one for one in self.infusions if one.course == course.course)

    def timed(self) -> Iterator[Given]:
        """Those whose day is known: only these have an infusion day to be judged (R7)."""
        return (one for one in self.infusions if one.precise)

    def preparations(self, infusion: Given) -> list[Said[DosePrepared]]:
        return self._around.get(infusion.fact_id, {}).get(DosePrepared, [])

    def premedication(self, infusion: Given) -> list[Said[PremedicationGiven]]:
        return self._around.get(infusion.fact_id, {}).get(PremedicationGiven, [])

    def observations(self, infusion: Given) -> list[Said[ObservationCompleted]]:
        return self._around.get(infusion.fact_id, {}).get(ObservationCompleted, [])

    def diluted_at(self, infusion: Given) -> tuple[datetime | None, tuple[str, ...]]:
        """When the dose was diluted, as far as that is known, and the facts that say so."""
        instants = [(one.instant, one.fact_id) for one in self.preparations(infusion) if one.instant is not None]
        if instants:
            earliest = min(instants)
            return earliest[0], (earliest[1],)
        return (read_instant(infusion.data.diluted_at) if infusion.data.diluted_at else None), ()

    @cached_property
    def _stops(self) -> dict[str, list[Said[InfusionStopped]]]:
        found: dict[str, list[Said[InfusionStopped]]] = {}
        for stop in self.record.of(InfusionStopped, self.on):
            for fact_id in self.record.named(stop.data.infusion):
                found.setdefault(fact_id, []).append(stop)
        return found

    def _given(self, said: Said[InfusionAdministered], mg: float, course: int) -> Given:
        stops = self._stops.get(said.fact_id, [])
        ended = read_instant(said.data.ended_at) if said.data.ended_at else None
        # Of an end and a stop the later one is when the last of it was given.
        ends = [one for one in (ended, *(stop.instant for stop in stops)) if one is not None]
        return Given(
            said.fact_id,
            said.data,
            said.first,
            said.last,
            said.instant,
            max(ends, default=None),
            bool(stops) or not said.data.completed,
            mg,
            course,
        )

    @cached_property
    def _around(self) -> dict[str, dict[type, list[Said]]]:  # type: ignore[type-arg] # each under its own type
        """By infusion: what was done for one."""
        found: dict[str, dict[type, list[Said]]] = {}  # type: ignore[type-arg] # each under its own type

        def add(kind: type[Around]) -> None:
            for one in self.record.of(kind, self.on):
                for fact_id in self._infusions_of(one):
                    found.setdefault(fact_id, {}).setdefault(kind, []).append(one)

        add(DosePrepared)
        add(PremedicationGiven)
        add(ObservationCompleted)
        return found

    def _infusions_of(self, one: Said[Around]) -> Sequence[str]:
        """Those it names; else the one that begins nearest to it, within a day; without times, that of its date."""
        if one.data.infusion is not None:
            return self.record.named(one.data.infusion)
        if one.instant is not None:
            starts = [(abs(elapsed(one.instant, on.start)), on.fact_id) for on in self.timed() if on.start is not None]
            if starts and min(starts)[0] <= _NEAR:
                return [min(starts)[1]]
        return [given.fact_id for given in self.timed() if given.first == one.first][-1:]
