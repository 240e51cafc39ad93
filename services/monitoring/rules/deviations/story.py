"""The infusions that count on a date, each with what surrounds it: its end, its preparation, its observation."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from msgspec import Struct, structs

from services.monitoring.rules.answers import Course, Episode
from services.monitoring.rules.as_written import instant_written
from services.monitoring.rules.durations import elapsed
from services.monitoring.rules.edition import Courses
from services.monitoring.rules.episodes import episodes, given_by, start_of
from services.monitoring.rules.record import Record, Said
from shared.contracts.v1.courses import DosePrepared, ObservationCompleted, PremedicationGiven
from shared.contracts.v1.facts import InfusionAdministered, InfusionStopped
from shared.contracts.v1.parts import Reference

Around = TypeVar("Around", DosePrepared, PremedicationGiven, ObservationCompleted)
NEAR = timedelta(hours=24)  # what names no infusion belongs to one that is no farther away


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
        same: dict[str, list[Said[InfusionAdministered]]] = {}
        for fact_id, counted in self._counted.items():
            if fact_id in said:
                same.setdefault(counted, []).append(said[fact_id])
        numbers = (course.course for course in self.courses for _ in range(course.infusions))
        return tuple(
            self._given(said[one.fact_id], same[one.fact_id], mg, number)
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
        return instant_written(infusion.data.diluted_at), ()

    @cached_property
    def _counted(self) -> dict[str, str]:
        """By the record of an infusion the one that counts for it: equal starts are one infusion (R6)."""
        infusions = self.record.belief.infusions
        counted = {start_of(one): one.fact_id for one, _ in given_by(infusions, self.on)}
        return {one.fact_id: counted[start_of(one)] for one in infusions if start_of(one) in counted}

    @cached_property
    def _stops(self) -> dict[str, list[Said[InfusionStopped]]]:
        found: dict[str, list[Said[InfusionStopped]]] = {}
        for stop in self.record.of(InfusionStopped, self.on):
            for fact_id in self._named(stop.data.infusion):
                found.setdefault(fact_id, []).append(stop)
        return found

    def _named(self, reference: Reference) -> list[str]:
        """The infusions that count of those that a reference names."""
        return [self._counted[one] for one in self.record.named(reference) if one in self._counted]

    def _given(
        self, said: Said[InfusionAdministered], same: list[Said[InfusionAdministered]], mg: float, course: int
    ) -> Given:
        """What one record of it leaves out another may say."""
        stops = self._stops.get(said.fact_id, [])
        stated = [said.data, *(one.data for one in same)]
        data = structs.replace(
            said.data,
            ended_at=next((one.ended_at for one in stated if one.ended_at), None),
            route=next((one.route for one in stated if one.route), None),
            lot=next((one.lot for one in stated if one.lot), None),
            diluted_at=next((one.diluted_at for one in stated if one.diluted_at), None),
            completed=all(one.completed for one in stated),
        )
        # Of an end and a stop the later one is when the last of it was given.
        ends = [instant_written(data.ended_at), *(stop.instant for stop in stops)]
        return Given(
            said.fact_id,
            data,
            said.first,
            said.last,
            said.instant,
            max((one for one in ends if one is not None), default=None),
            bool(stops) or not data.completed,
            mg,
            course,
        )

    @cached_property
    def _around(self) -> dict[str, dict[type, list[Said[Any]]]]:
        """By infusion: what was done for one."""
        found: dict[str, dict[type, list[Said[Any]]]] = {}

        def add(kind: type[Around], *, ahead: bool) -> None:
            for one in self.record.of(kind, self.on):
                for fact_id in self._infusions_of(one, ahead=ahead):
                    found.setdefault(fact_id, {}).setdefault(kind, []).append(one)

        add(DosePrepared, ahead=True)
        add(PremedicationGiven, ahead=True)
        add(ObservationCompleted, ahead=False)
        return found

    def _infusions_of(self, one: Said[Around], *, ahead: bool) -> Sequence[str]:
        """Those it names; else the nearest that began after it (`ahead`) or before it, within a day, or on its date.

        What is done ahead of one is not done for one that was over.
        """
        if one.data.infusion is not None:
            return self._named(one.data.infusion)
        instant = one.instant
        same_date = [given for given in self.timed() if given.first == one.first]
        if instant is None:
            return [given.fact_id for given in same_date[-1:]]
        waits = [(elapsed(instant, given.start), given) for given in self.timed() if given.start is not None]
        near = [
            (abs(wait), (wait < timedelta(0)) == ahead, given.fact_id)
            for wait, given in waits
            if timedelta(0) <= (wait if ahead else -wait) <= NEAR
            or (given.first == one.first and not (ahead and given.end is not None and given.end <= instant))
        ]
        return [min(near)[2]] if near else [given.fact_id for given in same_date[-1:]]
