"""The made-up cohort is the same for the same seed, and shows what a clinic sees in two years."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

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
        "CoursePlanned",
        "ConditionConfirmed",
        "ConditionResolved",
        "EvaluationCompleted",
        "PremedicationGiven",
        "ObservationCompleted",
        "ProphylaxisStopped",
    ):
        assert seen[kind] >= 1, kind
    sexes = {message.body["sex"] for message in messages(40, 1, NOW) if message.opens}
    assert sexes == {"female", "male", "unknown"}


def told(patient: int, kind: str) -> list[dict[str, Any]]:
    found = [message.body for message in messages(20, 1, NOW) if message.patient == patient and not message.opens]
    return [body for body in found if body["type"] == kind]


def test_one_bled_and_was_counted_days_too_late() -> None:
    (petechiae,) = told(15, "ReactionReported")
    counts = [body for body in told(15, "LabResultRecorded") if body["data"]["specimen_id"].startswith("blood")]
    day = datetime.fromisoformat(petechiae["occurred_at"]).date()
    later = [(datetime.fromisoformat(body["occurred_at"]).date() - day).days for body in counts]
    assert 3 in later
    assert 0 not in later


def test_one_is_held_one_had_a_short_course_and_one_has_a_course_planned_without_a_urine_test() -> None:
    assert [body["data"]["condition"] for body in told(18, "ConditionConfirmed")] == ["itp"]
    assert len(told(19, "InfusionAdministered")) == 3
    (plan,) = told(14, "CoursePlanned")
    assert plan["data"]["first_on"] > NOW.date().isoformat()
    urine = [body for body in told(14, "LabResultRecorded") if body["data"]["specimen_id"].startswith("urine")]
    assert all((NOW - datetime.fromisoformat(body["occurred_at"])).days > 30 for body in urine)


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
