"""A treatment is opened once, whoever asks how often, and identity stays out of the log."""

from msgspec.json import decode, encode

from services.course.application import Ledger, Named
from tests.course.ledgers import StillClock, opened, patient, run, whole_log


def test_the_first_call_opens_and_later_ones_find_it(ledger: Ledger, clock: StillClock) -> None:
    first = opened(ledger)
    clock.step(days=1)
    later = opened(ledger)

    assert (first.created, first.version, first.position) == (True, 1, 1)
    assert later == type(first)(first.treatment, first.fact_id, 1, 1, first.recorded_at, created=False)


def test_a_later_call_changes_nothing_and_names_the_fields_that_disagree(ledger: Ledger) -> None:
    opened(ledger, site="neuro-1", sex="female", label="A. Example")

    silent = opened(ledger)
    loud = opened(ledger, zone="Europe/Berlin", site="neuro-2", sex="female", birth_date="1988-04-02", label="B")

    assert silent.differs == ()
    assert loud.differs == ("site", "zone", "birth_date", "label")
    assert run(ledger.labels([loud.treatment])) == {loud.treatment: Named("A. Example", (patient(),))}
    assert len(whole_log(ledger)) == 1


def test_an_identifier_is_opened_once_a_protocol(ledger: Ledger) -> None:
    first, second = opened(ledger), opened(ledger, protocol="another")

    assert first.treatment != second.treatment
    assert run(ledger.lookup(patient())) == [first.treatment, second.treatment]


def test_the_log_tells_the_opening_without_the_identity(ledger: Ledger) -> None:
    opened(ledger, patient("MRN-0042"), label="A. Example", birth_date="1988-04-02")

    [item] = whole_log(ledger)

    assert item.type == "TreatmentOpened"
    assert decode(item.data) == {
        "protocol": "alemtuzumab-ms",
        "site": "default",
        "zone": "America/New_York",
        "sex": "unknown",
        "birth_date": "1988-04-02",
    }
    assert b"MRN" not in encode(item)
    assert b"Example" not in encode(item)


def test_nobody_is_found_under_an_unknown_identifier(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment

    assert run(ledger.lookup(patient("unknown"))) == []
    assert run(ledger.events(treatment, 0, 10)) == whole_log(ledger)
    assert run(ledger.events(type(treatment)(int=7), 0, 10)) is None
    assert run(ledger.event(treatment, 2)) is None
