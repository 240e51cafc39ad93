"""The readings behind one door: each method is one read transaction on the store, for the API and the pages alike."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from services.monitoring.reading import cohort
from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.cohort import CohortPage, Summary
from services.monitoring.reading.cursor import Cursor
from services.monitoring.reading.difference import BeliefDiff, read_diff
from services.monitoring.reading.digest import Digest, read_digest
from services.monitoring.reading.editions import EditionList, read_editions
from services.monitoring.reading.explanation import ObligationExplanation, read_explanation
from services.monitoring.reading.filters import Filters
from services.monitoring.reading.forecast import ForecastAnswer, read_forecast
from services.monitoring.reading.hypothetical import Posted
from services.monitoring.reading.infusions import (
    DeviationList,
    HoldList,
    PeriodList,
    ReadinessView,
    read_deviations,
    read_holds,
    read_periods,
    read_readiness,
)
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import version_of
from services.monitoring.reading.rulebook import read_rulebook
from services.monitoring.reading.simulation import Simulation, read_simulation
from services.monitoring.reading.slots import SlotFilters, SlotList, read_slots
from services.monitoring.reading.snapshot import snapshot
from services.monitoring.reading.timeline import Timeline, read_timeline
from services.monitoring.reading.treatment import TreatmentView, read_treatment
from services.monitoring.rulebook.entry import Rulebook
from services.monitoring.rules.answers import RollUp
from services.monitoring.store.editions import refresh
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Reader:
    """Blocking; those about one treatment raise UnknownTreatment or UnknownProtocol."""

    database: Database
    library: Library

    def cohort(self, filters: Filters, question: Question, limit: int = 50) -> CohortPage:
        with self.snapshot() as connection:
            return cohort.first_page(connection, self.library, filters, question, limit)

    def cohort_after(self, cursor: Cursor, limit: int = 50) -> CohortPage:
        """The next page of the walk that the cursor pins."""
        with self.snapshot() as connection:
            return cohort.next_page(connection, self.library, cursor, limit)

    @contextmanager
    def whole_cohort(self, filters: Filters, question: Question) -> Iterator[tuple[Clocks, Iterator[RollUp]]]:
        """Every row, streamed while the context is open."""
        with self.snapshot() as connection:
            yield cohort.whole_list(connection, self.library, filters, question)

    def summary(self, filters: Filters, question: Question) -> Summary:
        with self.snapshot() as connection:
            return cohort.summary(connection, self.library, filters, question)

    def treatment(self, treatment: str, question: Question) -> TreatmentView:
        with self.snapshot() as connection:
            return read_treatment(connection, self.library, treatment, question)

    def slots(self, treatment: str, question: Question, filters: SlotFilters | None = None) -> SlotList:
        with self.snapshot() as connection:
            return read_slots(connection, self.library, treatment, question, filters or SlotFilters())

    def timeline(self, treatment: str, question: Question) -> Timeline:
        with self.snapshot() as connection:
            return read_timeline(connection, self.library, treatment, question)

    def explanation(self, obligation_id: str, question: Question) -> ObligationExplanation:
        """Raises UnknownObligation too."""
        with self.snapshot() as connection:
            return read_explanation(connection, self.library, obligation_id, question)

    def deviations(self, treatment: str, question: Question) -> DeviationList:
        with self.snapshot() as connection:
            return read_deviations(connection, self.library, treatment, question)

    def holds(self, treatment: str, question: Question) -> HoldList:
        with self.snapshot() as connection:
            return read_holds(connection, self.library, treatment, question)

    def periods(self, treatment: str, question: Question) -> PeriodList:
        with self.snapshot() as connection:
            return read_periods(connection, self.library, treatment, question)

    def readiness(self, treatment: str, question: Question, planned_at: datetime | None = None) -> ReadinessView:
        with self.snapshot() as connection:
            return read_readiness(connection, self.library, treatment, question, planned_at)

    def forecast(self, treatment: str, question: Question, until: date | None) -> ForecastAnswer:
        """Raises OutOfReach too."""
        with self.snapshot() as connection:
            return read_forecast(connection, self.library, treatment, question, until)

    def simulation(self, treatment: str, question: Question, posted: Sequence[Posted]) -> Simulation:
        with self.snapshot() as connection:
            return read_simulation(connection, self.library, treatment, question, posted)

    def diff(self, treatment: str, question: Question, start: datetime | date) -> BeliefDiff:
        """Raises Backwards too."""
        with self.snapshot() as connection:
            return read_diff(connection, self.library, treatment, question, start)

    def digest(self, question: Question, *, anonymised: bool = False) -> Digest:
        with self.snapshot() as connection:
            return read_digest(connection, self.library, question, anonymised=anonymised)

    def editions(self) -> EditionList:
        with self.snapshot() as connection:
            return read_editions(connection, self.library)

    def rulebook(self, protocol: str) -> Rulebook:
        """Raises UnknownProtocol."""
        with self.snapshot() as connection:
            return read_rulebook(connection, self.library, protocol)

    def version(self, treatment: str) -> int:
        """The highest version projected; 0 for a treatment that is not here."""
        with self.snapshot() as connection:
            return version_of(connection, treatment)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One read transaction; the library then has the editions that were activated by its time."""
        with snapshot(self.database) as connection:
            refresh(connection, self.library.editions)
            yield connection
