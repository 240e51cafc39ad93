"""What changed in belief about one treatment, over HTTP: docs/contract.md §3.16."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked

Store = tuple[Database, Settings]
PEOPLE = {one.name: one for one in people()}
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def asked(cohort: Store) -> Iterator[Asked]:
    with Asked(create_app(cohort[1], ManualClock(NOW))) as asking:
        yield asking


def ask(asked: Asked, name: str, query: str) -> dict[str, Any]:
    answer = asked.get(f"/v1/treatments/{PEOPLE[name].treatment}/diff{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def slot(found: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in found["slots"] if one["obligation_id"].endswith(f".{key}"))


def test_a_cancelled_component_reopens_a_slot_and_is_named(asked: Asked) -> None:
    found = ask(asked, "corrected", "?from=2024-07-02&to=2024-07-03&on=2024-06-20")
    (cancelled,) = found["facts"]
    one = slot(found, "MON-01.e1.s1")
    assert one["kinds"] == ["reopened"]
    assert (one["before"]["standing"], one["after"]["standing"]) == ("done", "overdue")
    assert (one["after"]["partial"], one["after"]["missing"]) == (True, ["platelets"])
    assert one["caused_by"] == [cancelled["fact_id"]]
    assert (cancelled["type"], cancelled["roll_ups"]) == ("LabResultCancelled", ["MON-01"])
    (line,) = found["roll_ups"]
    assert (line["requirement"], line["before"]["standing"], line["after"]["standing"]) == (
        "MON-01",
        "upcoming",
        "overdue",
    )


def test_both_beliefs_are_named_with_their_clock_and_version(asked: Asked) -> None:
    found = ask(asked, "corrected", "?from=2024-07-02&to=2024-07-03&on=2024-06-20")
    assert (found["before"]["version"], found["after"]["version"]) == (7, 8)
    assert found["after"]["known_at"] == found["clocks"]["known_at"] == "2024-07-04T03:59:59.999999Z"
    assert found["on"] == found["clocks"]["on"] == "2024-06-20"


def test_a_voided_infusion_withdraws_what_it_had_opened(asked: Asked) -> None:
    found = ask(asked, "twice", "?from=2024-07-08")
    assert found["on"] == "2025-06-01"
    assert found["after"]["known_at"] is None
    one = slot(found, "MON-01.e1.s61")
    assert (one["kinds"], one["before"]["standing"], one["after"]["standing"]) == (
        ["withdrawn"],
        "upcoming",
        "withdrawn",
    )
    (void,) = found["facts"]
    assert (void["type"], void["summary"]) == ("InfusionVoided", "Infusion voided")
    assert one["obligation_id"] in void["slots"]


def test_a_fact_that_changes_nothing_is_listed_with_nothing(asked: Asked) -> None:
    found = ask(asked, "corrected", "?from=2024-09-30&to=2024-10-01&on=2024-06-01")
    (zone,) = found["facts"]
    assert (zone["type"], zone["slots"], zone["roll_ups"]) == ("DemographicsCorrected", [], [])
    assert (found["slots"], found["roll_ups"]) == ([], [])


def test_from_before_anything_was_known_everything_was_opened(asked: Asked) -> None:
    found = ask(asked, "steady", "?from=2019-01-01&to=2024-05-15&on=2024-05-15")
    assert found["before"]["version"] == 0
    assert [one["type"] for one in found["facts"]] == ["TreatmentOpened", "InfusionAdministered"]
    assert {tuple(one["kinds"]) for one in found["slots"]} == {("opened",)}
    assert all(one["before"] is None for one in found["roll_ups"])


def test_between_an_instant_and_itself_nothing_changed(asked: Asked) -> None:
    found = ask(asked, "steady", "?from=2024-07-01&to=2024-07-01")
    assert (found["facts"], found["slots"], found["roll_ups"]) == ([], [], [])


def test_the_beliefs_are_those_of_the_lists_of_slots(asked: Asked) -> None:
    here = f"/v1/treatments/{PEOPLE['corrected'].treatment}/obligations?on=2024-09-08&known_at="
    lists = [asked.get(here + at).json()["obligations"] for at in ("2024-06-15", "2024-09-08")]
    before, after = ({one["obligation_id"]: one for one in listed} for listed in lists)
    found = ask(asked, "corrected", "?from=2024-06-15&to=2024-09-08&on=2024-09-08")
    differing = set()
    for key in before.keys() | after.keys():
        was, now = (({**one.get(key, {})}) for one in (before, after))
        was.pop("evidence", None)
        now.pop("evidence", None)
        if was != now:
            differing.add(key)
    assert {one["obligation_id"] for one in found["slots"]} == differing


@pytest.mark.parametrize(
    "query, pointer, message",
    [
        ("", "/query/from", "is required"),
        ("?from=2024-06-01&to=2024-05-31", "/query/to", "must not be before from"),
        ("?from=2024-06-01&known_at=2024-06-02", "/query/known_at", "is not a parameter of this address"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_a_sentence(
    asked: Asked, query: str, pointer: str, message: str
) -> None:
    answer = asked.get(f"/v1/treatments/{PEOPLE['steady'].treatment}/diff{query}")
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert answer.json()["errors"][0]["message"].startswith(message)


def test_what_is_not_known_at_the_later_instant_is_not_found(asked: Asked) -> None:
    answer = asked.get(f"/v1/treatments/{PEOPLE['steady'].treatment}/diff?from=2018-01-01&to=2019-01-01")
    assert answer.status_code == 404


def test_the_same_diff_has_the_same_tag(asked: Asked) -> None:
    address = f"/v1/treatments/{PEOPLE['steady'].treatment}/diff?from=2024-06-01&to=2024-07-01&on=2024-07-01"
    tag = asked.get(address).headers["etag"]
    assert asked.get(address, if_none_match=tag).status_code == 304
