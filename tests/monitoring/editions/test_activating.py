"""What is activated, what is not, and what becomes of it where something is amiss."""

from pathlib import Path

import pytest
from msgspec import structs

from services.monitoring import catalogue
from services.monitoring.editions import Editions
from services.monitoring.facts import micros
from services.monitoring.projector import batch
from services.monitoring.projector.judging import Judged, switch
from services.monitoring.projector.states import State
from services.monitoring.reading.clocks import Question
from services.monitoring.reading.filters import Filters
from services.monitoring.store.editions import start
from services.monitoring.store.tables import fact, treatment
from services.monitoring.written import CatalogueError, merged
from tests.monitoring.editions.service import ACTIVATED, AFTER, NEW, OLD, TSH, Service, activate, log, people
from tests.monitoring.protocol_commands.copies import Copy
from tests.monitoring.stores import rows


def test_the_same_text_is_not_activated_twice_nor_a_name_given_to_two_texts(service: Service, mine: Path) -> None:
    activate(service, mine)
    with pytest.raises(CatalogueError, match="alemtuzumab-ms@2024-02 is in force with this very text"):
        activate(service, mine)
    file = mine / "monitoring.toml"
    file.write_text(file.read_text() + "# one remark more\n")
    with pytest.raises(CatalogueError, match=r"protocol.toml, line \d+, edition: alemtuzumab-ms@2024-02 is the name"):
        activate(service, mine)


def test_what_does_not_hold_its_own_examples_is_not_activated(service: Service, tmp_path: Path) -> None:
    copy = Copy(tmp_path, "careless")
    copy.change(TSH, TSH.replace("3", "2", 1))
    with pytest.raises(CatalogueError, match="Nothing was activated: the worked examples do not hold"):
        activate(service, copy.path)
    assert rows(service.database, fact) == []


def test_an_auditor_gets_every_edition_with_the_text_that_its_hash_is_over(service: Service, mine: Path) -> None:
    (shipped,) = [one for one in service.reader.editions().editions if one.protocol == "alemtuzumab-ms"]
    assert (shipped.name, shipped.activated_at, shipped.files) == (OLD, None, {})
    at = activate(service, mine)
    old, new = [one for one in service.reader.editions().editions if one.protocol == "alemtuzumab-ms"]
    assert (old.name, old.sha256, old.activated_at) == (OLD, shipped.sha256, None)
    assert (new.name, new.reason, new.author) == (NEW, "TSH more often", "a pharmacist")
    assert new.activated_at == at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for one in (old, new):
        files = {name: text.encode() for name, text in one.files.items()}
        assert merged("alemtuzumab-ms", files).sha256 == one.sha256


def test_a_treatment_that_the_rules_fail_on_keeps_its_rows_and_holds_nobody_up(
    service: Service, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = activate(service, mine)
    someone, another, _ = (one.treatment for one in people())

    def failing(editions: Editions, before: State, activated_at: int, *, announce: bool) -> Judged:
        if before.treatment == someone:
            raise RuntimeError("a defect")
        return switch(editions, before, activated_at, announce=announce)

    monkeypatch.setattr(batch, "switch", failing)
    service.receive([], AFTER)
    service.projector.follow_editions()
    assert service.projector.follow_editions() == 0
    following = {row[0]: row[-1] for row in rows(service.database, treatment)}
    assert (following[someone], following[another]) == (0, micros(at))
    page = service.reader.cohort(Filters(), Question())
    assert page.clocks.known_through == "2024-08-10T12:00:00.000000Z"
    monkeypatch.undo()
    assert Service(service.database).projector.follow_editions() == 1


def test_an_edition_that_comes_with_a_new_version_judges_nothing_by_itself_and_is_named_at_the_start(
    service: Service, mine: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service.receive(log().facts)
    activate(service, mine)
    newer = Copy(tmp_path, "newer")
    newer.change("@2024-01", "@2031-01", "protocol.toml")
    shipped = catalogue.load("newer", folder=tmp_path)
    editions = Editions({"alemtuzumab-ms": structs.replace(shipped, protocol="alemtuzumab-ms")})
    with service.database.read() as connection:
        start(connection, editions)
    assert editions["alemtuzumab-ms"].name == NEW
    assert (
        "This version brings alemtuzumab-ms@2031-01, which is not in force: alemtuzumab-ms@2024-02 judges."
        in caplog.text
    )
    caplog.clear()
    with service.database.read() as connection:
        start(connection, service.library.editions)
    assert caplog.text == ""
