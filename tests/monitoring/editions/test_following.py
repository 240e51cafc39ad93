"""An activation changes what is answered of what is known from then on, and nothing that was answered before."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from services.monitoring import catalogue
from services.monitoring.editions import Editions
from services.monitoring.facts import micros
from services.monitoring.projector import Advance, Projector, batch
from services.monitoring.projector.folding import fold
from services.monitoring.projector.judging import Judged, switch
from services.monitoring.projector.states import State
from services.monitoring.protocol_commands.activate import put_in_force
from services.monitoring.protocol_commands.check import checked
from services.monitoring.reading.clocks import Question, from_microseconds
from services.monitoring.reading.filters import Filters
from services.monitoring.reading.library import open_library
from services.monitoring.reading.reader import Reader
from services.monitoring.rebuild import rebuild
from services.monitoring.rules.facts import Fact
from services.monitoring.store import checkpoints
from services.monitoring.store.editions import start
from services.monitoring.store.tables import announcement, edition, fact, roll_up_span, treatment
from services.monitoring.written import CatalogueError, merged
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.feed_server import serving
from tests.monitoring.logbook import Logbook, delivery, written
from tests.monitoring.protocol_commands.copies import Copy
from tests.monitoring.stores import opened, rows
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


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """TSH every two months instead of three, and no example that says otherwise."""
    copy = Copy(tmp_path)
    copy.change(TSH, TSH.replace("3", "2", 1).replace("45", "30"))
    text = copy.path / "monitoring.toml"
    text.write_text(text.read_text().split("[[example]]")[0])
    copy.change("@2024-01", "@2024-02", "protocol.toml")
    return copy.path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with opened(f"sqlite:///{tmp_path}/monitoring.db") as database:
        yield Service(database)


def activate(service: Service, mine: Path) -> datetime:
    made = put_in_force(service.database, checked(mine), "us", "TSH more often", "a pharmacist", service.clock)
    return from_microseconds(made.activated_at)


def log() -> Logbook:
    return Logbook(*(one.facts for one in people()))


def test_what_was_known_before_is_judged_as_it_was_and_what_is_known_since_by_the_new_edition(
    service: Service, mine: Path
) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    someone = people()[0].treatment
    assert service.due(someone) == [(OLD, "2024-08-15")] * 2
    at = activate(service, mine)
    service.pass_to(AFTER)
    assert service.due(someone) == [(NEW, "2024-07-15")] * 2
    assert service.due(someone, at) == [(NEW, "2024-07-15")] * 2
    assert service.due(someone, at - timedelta(microseconds=1)) == [(OLD, "2024-08-15")] * 2
    assert service.due(someone, BEFORE) == [(OLD, "2024-08-15")] * 2


def test_postgresql_holds_the_rows_that_sqlite_holds(service: Service, mine: Path, postgres_url: str) -> None:
    late = people()[1]
    late.lab("2024-08-12", "TSH")
    book = Logbook(late.facts, *(one.facts for one in (people()[0], people()[2])))
    *early, last = book.facts
    with opened(postgres_url) as database:
        both = [service, Service(database)]
        for one in both:
            one.receive(early)
            one.pass_to(ACTIVATED)
            activate(one, mine)
            one.receive([last])
            one.pass_to(AFTER)
        for table in (roll_up_span, treatment, edition):
            assert rows(database, table) == rows(service.database, table)


def test_lists_say_that_they_do_not_follow_yet_until_all_that_was_recorded_before_is_read(
    service: Service, mine: Path
) -> None:
    service.receive(log().facts, ACTIVATED)
    service.clock.set(ACTIVATED)
    someone = people()[0].treatment
    at = activate(service, mine)
    assert service.projector.follow_editions() == 0
    page = service.reader.cohort(Filters(treatment=(someone,)), Question())
    assert page.clocks.edition == OLD
    assert page.clocks.known_through == "2024-08-10T12:00:00.000000Z"
    service.receive([], at)
    page = service.reader.cohort(Filters(treatment=(someone,)), Question())
    assert page.clocks.edition == OLD
    assert service.projector.follow_editions() == 3
    page = service.reader.cohort(Filters(treatment=(someone,)), Question())
    assert (page.clocks.edition, page.clocks.known_through) == (NEW, "2024-08-10T12:00:00.000001Z")
    assert service.projector.follow_editions() == 0


def test_a_rectangle_ends_at_the_instant_of_the_activation(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = micros(activate(service, mine))
    service.pass_to(AFTER)
    for row in rows(service.database, roll_up_span):
        known_from, known_to = row[2:4]
        assert known_to <= at or known_from >= at
    assert {row[-1] for row in rows(service.database, treatment)} == {at}


def test_subscribers_are_told_once_what_the_activation_moved_and_opened(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    before = len(rows(service.database, announcement))
    activate(service, mine)
    service.pass_to(ACTIVATED + timedelta(seconds=1))
    told = sorted(rows(service.database, announcement), key=lambda row: row[1])[before:]
    assert {row[6] for row in told} == {"MON-04"}
    assert {row[2] for row in told} == {"rescheduled", "opened", "became-overdue", "became-missed"}
    assert {row[5] for row in told} == {one.treatment for one in people()[:2]}
    service.pass_to(ACTIVATED + timedelta(seconds=2))
    assert len(rows(service.database, announcement)) == before + len(told)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(microseconds=1), timedelta(days=3)])
def test_a_fact_recorded_since_brings_its_treatment_along_and_all_orders_give_the_same_rows(
    later: timedelta, service: Service, mine: Path, tmp_path: Path
) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = activate(service, mine)
    fresh = people()[0]
    fresh.lab("2024-08-01", "TSH", known=(at + later).isoformat())
    (new,) = [one for one in Logbook(fresh.facts, *(one.facts for one in people()[1:])).facts if one.recorded_at >= at]
    service.receive([new])
    service.pass_to(AFTER)
    stored = rows(service.database, roll_up_span)
    everything = [*log().facts, new]
    for one in people():
        items = [written(each) for each in everything if each.treatment == one.treatment]
        folded = fold(service.library.editions, items, micros(AFTER))
        assert sorted(folded.spans) == sorted(row for row in stored if row[0] == one.treatment)


def test_a_fact_of_before_that_comes_late_is_judged_in_its_time(service: Service, mine: Path) -> None:
    whole = people()[0]
    whole.lab("2024-07-20", "TSH", known="2024-07-25")
    book = Logbook(whole.facts)
    *early, late = book.facts
    service.receive(early)
    service.pass_to(ACTIVATED)
    activate(service, mine)
    service.pass_to(AFTER)
    service.receive([late])
    folded = fold(service.library.editions, [written(one) for one in book.facts], micros(AFTER))
    assert sorted(rows(service.database, roll_up_span)) == sorted(folded.spans)
    assert service.due(whole.treatment, datetime(2024, 7, 24, tzinfo=UTC)) == [(OLD, "2024-08-15")] * 2
    assert service.due(whole.treatment) == [(NEW, "2024-09-15")] * 2


def test_a_service_that_starts_anew_goes_on_with_the_editions_of_its_database(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    activate(service, mine)
    service.pass_to(AFTER)
    again = Service(service.database)
    someone = people()[0].treatment
    assert again.due(someone) == [(NEW, "2024-07-15")] * 2
    assert again.due(someone, BEFORE) == [(OLD, "2024-08-15")] * 2


def test_the_digest_of_then_stays_and_that_of_now_changes(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    then = Question(date(2024, 8, 1), BEFORE)
    before, now = service.reader.digest(then).sha256, service.reader.digest(Question(date(2024, 8, 1))).sha256
    activate(service, mine)
    service.pass_to(AFTER)
    assert service.reader.digest(then).sha256 == before
    assert service.reader.digest(Question(date(2024, 8, 1))).sha256 != now


def test_an_edition_can_be_gone_back_to_and_each_has_its_time(service: Service, mine: Path, tmp_path: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    first = activate(service, mine)
    service.pass_to(AFTER)
    old = Copy(tmp_path, "old").path
    second = activate(service, old)
    service.pass_to(AFTER + timedelta(days=1))
    someone = people()[0].treatment
    assert service.due(someone) == [(OLD, "2024-08-15")] * 2
    assert service.due(someone, second - timedelta(microseconds=1)) == [(NEW, "2024-07-15")] * 2
    assert service.due(someone, first - timedelta(microseconds=1)) == [(OLD, "2024-08-15")] * 2


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


def test_a_rebuild_comes_to_the_same_rows_and_tells_nothing(service: Service, mine: Path) -> None:
    book = log()
    service.receive(book.facts)
    service.pass_to(ACTIVATED)
    activate(service, mine)
    service.pass_to(AFTER)
    tables = (fact, roll_up_span, treatment, announcement, edition)
    before = [rows(service.database, table) for table in tables]
    with serving(book) as feed:
        rebuild(service.database, feed.url, service.library.editions, service.clock, lambda done, of: None)
    assert [rows(service.database, table) for table in tables] == before


def test_what_an_activation_changed_in_belief_has_no_fact_for_a_cause(service: Service, mine: Path) -> None:
    service.receive(log().facts)
    service.pass_to(ACTIVATED)
    at = activate(service, mine)
    service.pass_to(AFTER)
    found = service.reader.diff(people()[0].treatment, Question(date(2024, 8, 1)), at - timedelta(microseconds=1))
    assert found.facts == ()
    assert {one.requirement for one in found.slots} == {"MON-04"}
    assert {one.caused_by for one in found.slots} == {()}
    (line,) = found.roll_ups
    assert line.before is not None
    assert line.after is not None
    assert (str(line.before.due_on), str(line.after.due_on)) == ("2024-08-15", "2024-07-15")


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
