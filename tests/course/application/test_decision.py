"""Properties of the decision, over random messages; and that both stores answer as the pure decision does."""

import random
from collections.abc import Sequence
from itertools import count
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.course.application import Ledger
from services.course.domain.decision import Known, Message, decide
from services.course.domain.keys import content_hash, message_key
from services.course.domain.moments import instant, micros
from services.course.domain.outcome import Conflict, Outcome, Quarantined, Stored
from services.course.domain.submission import Submission
from shared.contracts.v1.parts import BusinessId
from tests.course.ledgers import NOW, assert_gapless, infusion, opened, patient, record, whole_log

OPEN = (UUID(int=1), UUID(int=2))
UNKNOWN = UUID(int=3)

submissions = st.builds(
    infusion,
    st.sampled_from([*OPEN, UNKNOWN]),
    key=st.sampled_from([None, "a", "b", "c"]),
    business_id=st.sampled_from([None, None, BusinessId("s", "1"), BusinessId("s", "1", 2)]),
    sender=st.sampled_from(["local", "lab"]),
    author=st.sampled_from(["nurse-1", "nurse-2"]),
    occurred_on=st.sampled_from(["2024-05-15", "2024-05", "2031"]),
)
histories = st.lists(submissions, max_size=30)


def known() -> Known:
    return Known(dict.fromkeys(OPEN, 1), {}, {}, position=2, last_recorded_at=micros(NOW))


def message(submission: Submission) -> Message:
    hashed = content_hash(submission, submission.treatment)
    return Message(submission, submission.treatment, message_key(submission, hashed), hashed)


def judge(
    batch: Sequence[Submission], store: Known, now: int = micros(NOW), ids: "count[int] | None" = None
) -> list[Outcome]:
    numbers = ids or count(store.position * 1000)
    return decide([message(one) for one in batch], store, now, lambda _: UUID(int=next(numbers)))[0]


def kinds(outcomes: Sequence[Outcome]) -> list[tuple[object, ...]]:
    """Outcomes without the ids that are drawn anew."""
    return [
        (outcome.treatment, outcome.version, outcome.position, outcome.recorded_at, outcome.replayed)
        if isinstance(outcome, Stored)
        else (outcome.reason, outcome.replayed)
        if isinstance(outcome, Quarantined)
        else ("conflict", outcome.conflict_id)
        for outcome in outcomes
    ]


@given(histories, st.data())
def test_how_messages_are_split_into_batches_changes_no_answer(history: list[Submission], data: st.DataObject) -> None:
    whole = judge(history, known())
    store, parts, rest = known(), [], history
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        parts += judge(rest[:size], store)
        rest = rest[size:]

    assert kinds(parts) == kinds(whole)


@given(histories, st.lists(st.integers(-10_000_000, 10_000_000), min_size=30, max_size=30))
def test_whatever_the_clock_does_the_log_has_no_gap_and_only_moves_forward(
    history: list[Submission], steps: list[int]
) -> None:
    store, now, ids = known(), micros(NOW), count()
    stored = []
    for submission, step in zip(history, steps, strict=False):
        now += step
        stored += [one for one in judge([submission], store, now, ids) if isinstance(one, Stored) and not one.replayed]

    assert [one.position for one in stored] == list(range(3, 3 + len(stored)))
    for treatment in OPEN:
        mine = [one.version for one in stored if one.treatment == treatment]
        assert mine == list(range(2, 2 + len(mine)))
    instants = [NOW, *(one.recorded_at for one in stored)]
    assert instants == sorted(set(instants))


@given(histories)
def test_sending_everything_again_stores_nothing_and_gets_the_same_answers(history: list[Submission]) -> None:
    store = known()
    first = judge(history, store)
    position = store.position

    for before, after in zip(first, judge(history, store, micros(NOW) + 60_000_000), strict=True):
        match before, after:
            case Stored(), Stored():
                assert (after.fact_id, after.recorded_at, after.replayed) == (before.fact_id, before.recorded_at, True)
            case Quarantined(), Quarantined():
                assert (after.quarantine_id, after.replayed) == (before.quarantine_id, True)
            case Conflict(), Conflict():
                assert after == before
            case _:
                raise AssertionError
    assert store.position == position


@given(histories)
@settings(max_examples=50)
def test_a_key_stands_for_one_content_of_one_sender(history: list[Submission]) -> None:
    outcomes = judge(history, known())

    contents: dict[tuple[str, bytes], set[bytes]] = {}
    for submission, outcome in zip(history, outcomes, strict=True):
        if not isinstance(outcome, Conflict):
            one = message(submission)
            contents.setdefault(one.idempotency, set()).add(one.content_hash)
    assert all(len(different) == 1 for different in contents.values())


def test_the_store_answers_as_the_decision_does(ledger: Ledger) -> None:
    """Given 400 random messages in random batches, when both judge them, then they agree on each."""
    dice = random.Random(20240610)
    treatments = [opened(ledger, patient(n)).treatment for n in range(2)]
    model = Known(dict.fromkeys(treatments, 1), {}, {}, position=2, last_recorded_at=micros(NOW) + 1)
    left = 400
    while left > 0:
        batch = [
            infusion(
                dice.choice([*treatments, UNKNOWN]),
                key=dice.choice([None, *map(str, range(150))]),
                author=dice.choice(["nurse-1", "nurse-2"]),
                occurred_on=dice.choice(["2024-05-15", "2024-05-16", "2031"]),
            )
            for _ in range(dice.randint(1, 40))
        ]
        assert kinds(record(ledger, *batch)) == kinds(judge(batch, model))
        left -= len(batch)

    log = whole_log(ledger)
    assert_gapless(log)
    assert len(log) == model.position
    assert log[-1].recorded_at[:26] == instant(model.last_recorded_at).isoformat(timespec="microseconds")[:26]
