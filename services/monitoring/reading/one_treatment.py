"""One treatment judged at both clocks: its facts are read and the pure function is asked."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from services.monitoring.reading.answering import clocks
from services.monitoring.reading.clocks import Clocks, Question, today
from services.monitoring.reading.library import Library
from services.monitoring.rules.answers import Assessment
from services.monitoring.rules.assess import assess, assess_treatment
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment
from services.monitoring.store import tables
from services.monitoring.store.facts import load_facts
from shared.contracts.v1.facts import TreatmentOpened


class UnknownTreatment(Exception):
    """No fact of this treatment was known at that instant."""


class UnknownProtocol(Exception):
    """This service has no edition of the treatment's protocol."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was known of a treatment under its edition, and the date judged."""

    clocks: Clocks
    treatment: Treatment
    facts: list[Fact]
    on: date


@dataclass(frozen=True, slots=True)
class Judged:
    """What was known of a treatment, and what follows from it on the date judged."""

    clocks: Clocks
    edition: Edition
    facts: list[Fact]
    assessment: Assessment


def judge(connection: Connection, library: Library, treatment: str, question: Question) -> Judged:
    """Raises UnknownTreatment and UnknownProtocol."""
    found = known(connection, library, treatment, question)
    assessment = assess_treatment(found.treatment, found.on)
    return Judged(found.clocks, found.treatment.edition, found.facts, assessment)


def known(connection: Connection, library: Library, treatment: str, question: Question) -> Known:
    """Raises UnknownTreatment and UnknownProtocol."""
    opened_zone = connection.execute(
        select(tables.treatment.c.opened_zone).where(tables.treatment.c.treatment == treatment)
    ).scalar_one_or_none()
    if opened_zone is None:
        raise UnknownTreatment
    known_by = question.known_by(opened_zone)
    facts = load_facts(connection, treatment, known_by)
    if not facts:
        raise UnknownTreatment
    edition = library.editions.at(opened(facts).protocol, known_by)
    if edition is None:
        raise UnknownProtocol
    said = clocks(
        connection,
        library,
        question,
        frozenset() if known_by is None else frozenset({known_by}),
        edition=(edition.name, edition.sha256),
    )
    read = Treatment(edition, facts)
    return Known(said, read, facts, question.on or today(library.clock.now(), read.belief.who.zone))


def assess_on(library: Library, facts: list[Fact], on: date | None, known_by: int | None) -> Assessment | None:
    """Judges on a date, or on today in the treatment's zone; None where no edition of its protocol is here."""
    first = opened(facts)
    edition = library.editions.at(first.protocol, known_by)
    if edition is None:
        return None
    if on is not None:
        return assess(edition, facts, on)
    now = library.clock.now()
    judged = assess(edition, facts, today(now, first.zone))
    # The zone may have been corrected since the treatment was opened.
    return judged if today(now, judged.zone) == judged.on else assess(edition, facts, today(now, judged.zone))


def opened(facts: list[Fact]) -> TreatmentOpened:
    """How the treatment was opened: always its first version."""
    first = facts[0].data
    if not isinstance(first, TreatmentOpened):
        raise TypeError("a treatment's first fact is not its opening")
    return first


def version_of(connection: Connection, treatment: str) -> int:
    """The highest version projected; 0 for a treatment that is not here."""
    query = select(tables.treatment.c.version).where(tables.treatment.c.treatment == treatment)
    return connection.execute(query).scalar_one_or_none() or 0
