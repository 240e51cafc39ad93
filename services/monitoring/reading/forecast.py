"""What will be due for one treatment until a day, if nothing more is recorded (docs/contract.md §3.15)."""

from datetime import date

from msgspec import Struct, structs
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import known
from services.monitoring.rules.calendar import add_months
from services.monitoring.rules.forecasting import Due, DueLine, Visit, forecast

USUAL_MONTHS = 12
MOST_MONTHS = 120


class OutOfReach(ValueError):
    """Until when cannot be asked, in words that follow the parameter's name."""


class ForecastAnswer(Struct, frozen=True):
    """`obligations` by due date; `requirements` and `visits` name them by id. `on` is the date judged."""

    clocks: Clocks
    treatment: str
    on: date
    until: date
    obligations: tuple[Due, ...]
    requirements: tuple[DueLine, ...]
    visits: tuple[Visit, ...]


def read_forecast(
    connection: Connection, library: Library, treatment: str, question: Question, until: date | None
) -> ForecastAnswer:
    """`until` None = a year after the date judged. Raises UnknownTreatment, UnknownProtocol and OutOfReach."""
    found = known(connection, library, treatment, question)
    last = until or months_after(found.on, USUAL_MONTHS)
    if not found.on <= last <= months_after(found.on, MOST_MONTHS):
        raise OutOfReach(f"must not be before the date judged, nor more than {MOST_MONTHS // 12} years after it")
    made = forecast(found.treatment, found.on, last)
    return ForecastAnswer(found.clocks, found.treatment.belief.treatment, *structs.astuple(made))


def months_after(day: date, months: int) -> date:
    """Not beyond the end of the calendar."""
    try:
        return add_months(day, months)
    except ValueError:
        return date.max
