"""The made-up cohort is the same for the same seed, and shows what a clinic sees in two years."""

from collections import Counter
from datetime import UTC, datetime

from services.up.cohort import BATCH, Message, messages

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)


def kinds(found: list[Message]) -> Counter[str]:
    return Counter("opening" if message.opens else message.body["type"] for message in found)


def test_the_same_seed_and_day_tell_the_same_story() -> None:
    assert messages(20, 7, NOW) == messages(20, 7, NOW)
    assert messages(20, 7, NOW) != messages(20, 8, NOW)


def test_more_patients_leave_the_first_ones_as_they_were() -> None:
    few = messages(5, 7, NOW)
    assert [message for message in messages(9, 7, NOW) if message.patient <= 5] == few


def test_it_shows_what_a_clinic_sees() -> None:
    seen = kinds(messages(40, 1, NOW))
    assert seen["opening"] == 40
    for kind in (
        "InfusionVoided",
        "LabResultCorrected",
        "LabResultCancelled",
        "CareTransferredOut",
        "DeathRecorded",
        "MonitoringDeclined",
        "ObligationWaived",
        "ReactionReported",
    ):
        assert seen[kind] >= 1, kind
    sexes = {message.body["sex"] for message in messages(40, 1, NOW) if message.opens}
    assert sexes == {"female", "male", "unknown"}


def test_nothing_arrives_before_it_happened_or_after_today_and_openings_come_first() -> None:
    opened = set()
    for message in messages(40, 1, NOW):
        assert message.arrives_at <= NOW
        assert (message.patient in opened) != message.opens
        opened.add(message.patient)
        if not message.opens:
            assert datetime.fromisoformat(message.body["occurred_at"]) <= message.arrives_at
        assert message.arrives_at.timestamp() % BATCH.total_seconds() == 0


def test_nobody_in_it_could_exist() -> None:
    labels = {message.body["label"] for message in messages(3, 1, NOW) if message.opens}
    assert labels == {"Patient 0001", "Patient 0002", "Patient 0003"}
