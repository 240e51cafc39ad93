"""Why one obligation stands as it does (docs/contract.md §3.13)."""

from datetime import date

from msgspec import Struct, structs
from sqlalchemy import Connection

from services.monitoring.reading.clocks import Clocks, Question
from services.monitoring.reading.library import Library
from services.monitoring.reading.one_treatment import known
from services.monitoring.rules.answers import Slot
from services.monitoring.rules.explaining.closing import Closing
from services.monitoring.rules.explaining.considered import Considered
from services.monitoring.rules.explaining.deciding import Circumstance
from services.monitoring.rules.explaining.explanation import Rule, StepLine, explain
from services.monitoring.rules.explaining.origin import Trigger, Turn


class UnknownObligation(Exception):
    """No fact known at that instant made an obligation of this id by that date."""


class ObligationExplanation(Struct, frozen=True):
    """`obligation` is the row of the list of slots; `on` is the date judged; the last step is the due date."""

    clocks: Clocks
    on: date
    rule: Rule
    obligation: Slot
    paragraph: str
    triggers: tuple[Trigger, ...]
    came_about: tuple[Turn, ...]
    steps: tuple[StepLine, ...]
    evidence: tuple[Considered, ...]
    circumstances: tuple[Circumstance, ...]
    to_close: Closing


def treatment_of(obligation_id: str) -> str:
    """The treatment that an obligation's id begins with."""
    return obligation_id.partition(".")[0]


def read_explanation(
    connection: Connection, library: Library, obligation_id: str, question: Question
) -> ObligationExplanation:
    """Raises UnknownTreatment, UnknownProtocol and UnknownObligation."""
    found = known(connection, library, treatment_of(obligation_id), question)
    explained = explain(found.treatment, obligation_id, found.on)
    if explained is None:
        raise UnknownObligation
    return ObligationExplanation(found.clocks, *structs.astuple(explained))
