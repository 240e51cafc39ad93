"""Bytes that can't be read: kept as they came, with a reason that repeats nothing of them; everyone else goes on."""

import uuid

import msgspec
import pytest
from sqlalchemy import select

from services.monitoring.facts import Unreadable, read_item
from services.monitoring.mending import dismiss, redrive
from services.monitoring.projector import Advance
from services.monitoring.store import checkpoints
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.store.tables import dead_letter
from services.monitoring.transport.seam import Delivery, Mark, TransportError
from shared.clock import SystemClock
from shared.contracts.v1.cloudevents import value_of
from shared.contracts.v1.facts import FACTS, FREE_TEXT
from shared.contracts.v1.feed import FeedItem
from shared.database import Database
from tests.contracts.golden import example
from tests.monitoring.logbook import Logbook, written
from tests.monitoring.stores import projection, projector
from tests.scenario import treated

_GOOD = written(treated("2024-05-15").facts[1])


def _changed(**fields: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(_GOOD), **fields})


POISON = {
    "no JSON": b"\xff\xfe not json",
    "empty": b"",
    "another shape": b'{"hello":"world"}',
    "a type of tomorrow": _changed(type="MoonPhaseRecorded"),
    "a schema of tomorrow": _changed(schema=2),
    "data of another type": _changed(data={"dose_mg": "SECRET-4711"}),
    "a time without an offset": _changed(occurred_at="2024-05-15T08:00:00"),
    "two times": _changed(occurred_on="2024-05-15"),
    "no time": _changed(occurred_at=None),
    "version zero": _changed(version=0),
    "a version that no column holds": _changed(version=2**31),
    "a position that no column holds": _changed(position=2**70),
    "an id with NUL": _changed(fact_id="a\0b"),
    "an id as long as a book": _changed(treatment="7" * 100_000),
    "an instant before the calendar": _changed(recorded_at="0001-01-01T00:00:00+14:00"),
    "an instant after the calendar": _changed(recorded_at="9999-12-31T23:59:59-14:00"),
    "a day that is none": _changed(occurred_at=None, occurred_on="2024-02-31"),
    "a nest in its data": _GOOD.replace(b'"data":{', b'"data":{"x":' + b"[" * 50_000 + b"]" * 50_000 + b","),
}


def _poisoned(value: bytes, position: int) -> Delivery:
    content = read_item(value)
    assert isinstance(content, Unreadable)
    return Delivery(Mark(0, position), b"key", value, content)


@pytest.mark.parametrize("value", POISON.values(), ids=POISON.keys())
def test_each_kind_of_poison_has_a_reason_that_echoes_no_value(value: bytes) -> None:
    content = read_item(value)
    assert isinstance(content, Unreadable)
    assert content.reason
    assert "SECRET" not in content.reason
    assert "MoonPhase" not in content.reason


def test_poison_goes_to_the_dead_letters_with_its_bytes_and_the_others_go_on(store: Database) -> None:
    log = Logbook(treated("2024-05-15").facts)
    checkpoints.claim(store, "feed", [0])
    bad = [_poisoned(value, 100 + number) for number, value in enumerate(POISON.values())]
    batch = [*bad[:5], *log.deliveries, *bad[5:]]
    at_work = projector(store)
    at_work.project(batch, Advance("feed", {0: Checkpoint(0, 0)}, {0: Checkpoint(200, 0)}))
    assert len(projection(store)["fact"]) == len(log.deliveries)
    with store.read() as connection:
        letters = connection.execute(select(dead_letter).order_by(dead_letter.c.position)).all()
    assert [letter.value for letter in letters] == list(POISON.values())
    assert all(letter.key == b"key" and letter.reason for letter in letters)
    # Delivered again, as after a crash: no second letter.
    at_work.project(batch, Advance("feed", {0: Checkpoint(200, 0)}, {0: Checkpoint(201, 0)}))
    with store.read() as connection:
        assert len(connection.execute(select(dead_letter)).all()) == len(POISON)


def test_redrive_projects_what_can_be_read_now_and_leaves_the_rest(store: Database) -> None:
    history = treated("2024-05-15").facts
    log = Logbook(history)
    checkpoints.claim(store, "feed", [0])
    at_work = projector(store)
    # As a version would have left it that did not know this fact's type yet.
    unknown = Delivery(Mark(0, 4), None, written(log.facts[3]), Unreadable("`type` is unknown"))
    batch = [*log.deliveries[:3], unknown, _poisoned(b"junk", 5), *log.deliveries[4:]]
    at_work.project(batch, Advance("feed", {0: Checkpoint(0, 0)}, {0: Checkpoint(9, 0)}))
    assert len(projection(store)["fact"]) == 3
    done = redrive(at_work, SystemClock(), log.range)
    assert (done.read, done.lacking_nothing, done.remaining) == (1, 0, 1)
    assert len(projection(store)["fact"]) == len(history)
    assert redrive(at_work, SystemClock(), log.range).read == 0


def _torn(log: Logbook, position: int, value: bytes = b"torn") -> Delivery:
    """A delivery that bears its treatment's key and can't be read."""
    content = read_item(value)
    assert isinstance(content, Unreadable)
    return Delivery(Mark(0, position), log.facts[position - 1].treatment.encode(), value, content)


def test_redrive_settles_a_letter_whose_treatment_lacks_nothing_that_the_log_has(store: Database) -> None:
    log = Logbook(treated("2024-05-15").facts)
    checkpoints.claim(store, "feed", [0])
    at_work = projector(store)
    batch = [*log.deliveries[:3], _torn(log, 4)]
    at_work.project(batch, Advance("feed", {0: Checkpoint(0, 0)}, {0: Checkpoint(4, 0)}))
    done = redrive(at_work, SystemClock(), log.range)
    assert (done.read, done.lacking_nothing, done.remaining, done.asked) == (0, 1, 0, True)
    assert len(projection(store)["fact"]) == len(log.facts)


def test_redrive_keeps_a_letter_whose_treatment_has_a_fact_that_nobody_can_read(store: Database) -> None:
    log = Logbook(treated("2024-05-15").facts)
    checkpoints.claim(store, "feed", [0])
    at_work = projector(store)
    last = len(log.facts)
    batch = [*log.deliveries[:-1], _torn(log, last)]
    at_work.project(batch, Advance("feed", {0: Checkpoint(0, 0)}, {0: Checkpoint(last, 0)}))
    done = redrive(at_work, SystemClock(), lambda *_: [_torn(log, last)])
    assert (done.read, done.lacking_nothing, done.remaining) == (0, 0, 1)


def test_redrive_keeps_a_letter_whose_key_names_no_treatment_of_the_log_or_while_the_log_cannot_be_asked(
    store: Database,
) -> None:
    log = Logbook(treated("2024-05-15").facts)
    checkpoints.claim(store, "feed", [0])
    at_work = projector(store)
    stranger = Delivery(Mark(0, 99), str(uuid.uuid4()).encode(), b"junk", Unreadable("junk"))
    batch = [*log.deliveries, stranger, _torn(log, 3)]
    at_work.project(batch, Advance("feed", {0: Checkpoint(0, 0)}, {0: Checkpoint(99, 0)}))

    def silent(*_: object) -> list[Delivery]:
        raise TransportError("the course service's feed did not answer")

    done = redrive(at_work, SystemClock(), silent)
    assert (done.lacking_nothing, done.remaining, done.asked) == (0, 2, False)
    done = redrive(at_work, SystemClock(), log.range)
    assert (done.lacking_nothing, done.remaining, done.asked) == (1, 1, True)


def test_a_dead_letter_that_is_no_fact_is_put_away_once_and_keeps_its_bytes(store: Database) -> None:
    checkpoints.claim(store, "feed", [0])
    at_work = projector(store)
    letters = [_poisoned(b"junk", 1), _poisoned(b"more junk", 2)]
    at_work.project(letters, Advance("feed", {0: Checkpoint(0, 0)}, {0: Checkpoint(2, 0)}))
    with store.read() as connection:
        first = connection.execute(select(dead_letter.c.id).order_by(dead_letter.c.id)).scalars().first()
    assert first is not None
    assert dismiss(store, first, SystemClock())
    assert not dismiss(store, first, SystemClock())
    assert not dismiss(store, 12345, SystemClock())
    with store.read() as connection:
        kept = connection.execute(select(dead_letter.c.value, dead_letter.c.resolved_at.is_(None))).all()
        assert sorted(tuple(row) for row in kept) == [(b"junk", False), (b"more junk", True)]
    assert redrive(at_work, SystemClock(), lambda *_: []).remaining == 1


@pytest.mark.parametrize("kind", [name for name, shape in FACTS.items() if FREE_TEXT & set(shape.__struct_fields__)])
def test_a_fact_whose_free_text_stayed_out_of_kafka_can_be_read(kind: str) -> None:
    """docs/contract.md §1.4: reason, note and outcome are left out, also where the fact requires them."""
    item = msgspec.json.decode(value_of(msgspec.json.decode(example(kind), type=FeedItem)))
    assert not FREE_TEXT & set(item["data"])
    assert isinstance(read_item(msgspec.json.encode(item)), FeedItem)
