"""A monitoring service with a manual clock, and a pharmacist who activates editions in it."""

from datetime import UTC, date, datetime
from pathlib import Path

from services.monitoring.facts import micros
from services.monitoring.projector import Advance, Projector
from services.monitoring.protocol_commands.activate import put_in_force
from services.monitoring.protocol_commands.check import checked
from services.monitoring.reading.clocks import Question, from_microseconds
from services.monitoring.reading.filters import Filters
from services.monitoring.reading.library import open_library
from services.monitoring.reading.reader import Reader
from services.monitoring.rules.facts import Fact
from services.monitoring.store import checkpoints
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.logbook import Logbook, delivery
from tests.scenario import Scenario, treated

SOURCE = "feed"
TSH = "every_months = 3, early_days = 14, close_out_from_days = 45"
BEFORE, ACTIVATED, AFTER = (datetime(2024, 8, day, 12, tzinfo=UTC) for day in (1, 10, 20))
OLD, NEW = "alemtuzumab-ms@2024-01", "alemtuzumab-ms@2024-02"


def people() -> list[Scenario]:
    """Treated from 2024-05-15 (TSH due 08-15; every two months 07-15); one more before, one opened and no more."""
    return [treated(name="someone"), treated("2024-02-01", name="another"), Scenario(name="nobody")]


class Service:
    """A monitoring service with a manual clock: facts come in, an edition is activated, questions are asked."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock(BEFORE)
        self.library = open_library("us", self.clock)
        self.projector = Projector(database, self.library.editions, self.clock)
        self.reader = Reader(database, self.library)
        checkpoints.claim(database, SOURCE, [0])

    def receive(self, facts: list[Fact], through: datetime | None = None) -> None:
        """As the feed brings them, with word that nothing else was recorded until then."""
        with self.database.read() as connection:
            old = checkpoints.read(connection, SOURCE)
        last = max((one.position for one in facts), default=old[0].position)
        reached = max(
            old[0].known_through, *(micros(one) for one in (through, facts[-1].recorded_at if facts else None) if one)
        )
        new = {0: checkpoints.Checkpoint(last, reached)}
        self.projector.project([delivery(one) for one in facts], Advance(SOURCE, old, new))

    def pass_to(self, now: datetime) -> None:
        """The calendar moves, and nothing else is recorded until then."""
        self.clock.set(now)
        self.receive([], now)
        self.projector.follow_editions()
        self.projector.run_dates(now)

    def due(self, name: str, known_at: datetime | None = None, on: date | None = None) -> list[tuple[str, str]]:
        """The TSH line of one treatment as the list and as the one treatment say it, each with its edition."""
        question = Question(on or date(2024, 8, 1), known_at)
        page = self.reader.cohort(Filters(treatment=(name,), requirement=("MON-04",)), question)
        alone = self.reader.treatment(name, question)
        return [
            (answer.clocks.edition, str(row.due_on))
            for answer in (page, alone)
            for row in answer.obligations
            if row.requirement == "MON-04"
        ]


def activate(service: Service, mine: Path) -> datetime:
    made = put_in_force(service.database, checked(mine), "us", "TSH more often", "a pharmacist", service.clock)
    return from_microseconds(made.activated_at)


def log() -> Logbook:
    return Logbook(*(one.facts for one in people()))
