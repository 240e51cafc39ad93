"""What the eventsourcing library builds an application from, for the course log: opened for reading, as auditors do."""

from typing import Any, NoReturn

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    InfrastructureFactoryError,
    Mapper,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, strtobool

from services.course.persistence.events import FactMapper
from services.course.persistence.recorder import LogAggregateRecorder, LogRecorder
from shared.database import open_database


class LogFactory(InfrastructureFactory[TrackingRecorder]):
    """Makes the recorders of the log that COURSE_LOG names, an address as SQLAlchemy writes it."""

    COURSE_LOG = "COURSE_LOG"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        if strtobool(self.env.get("POSTGRES_ENABLE_DB_FUNCTIONS", "no")):
            # Measured: the library's functions drop the table lock, and a tailing reader skips events.
            raise InfrastructureFactoryError("POSTGRES_ENABLE_DB_FUNCTIONS makes readers skip events. Unset it.")
        url = self.env.get(self.COURSE_LOG)
        if not url:
            raise InfrastructureFactoryError("COURSE_LOG must be the address of the course database.")
        self._database = open_database(url, "course", write=False)

    def close(self) -> None:
        self._database.close()

    def mapper(self, *_args: Any, **_kwargs: Any) -> Mapper[Any]:
        return FactMapper()

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        if purpose != "events":
            raise InfrastructureFactoryError("The course log keeps no snapshots.")
        return LogAggregateRecorder(self._database)

    def application_recorder(self) -> ApplicationRecorder:
        return LogRecorder(self._database)

    def tracking_recorder(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise InfrastructureFactoryError("The course log tracks no other application.")

    def process_recorder(self) -> NoReturn:
        raise InfrastructureFactoryError("The course log tracks no other application.")
