"""Why one obligation stands as it does, over HTTP: docs/contract.md §3.13, at both clocks."""

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


def address(name: str, key: str, query: str = "") -> str:
    return f"/v1/obligations/{PEOPLE[name].treatment}.{key}/explanation{query}"


def ask(asked: Asked, name: str, key: str, query: str = "") -> dict[str, Any]:
    answer = asked.get(address(name, key, query))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_it_gives_the_rule_the_dates_the_evidence_and_what_closes_it(asked: Asked) -> None:
    found = ask(asked, "neglected", "MON-05.e1.s1", "?on=2024-06-18")
    assert found["rule"] == {
        "id": "MON-05",
        "title": "ALT, AST and total bilirubin",
        "severity": "WARN",
        "edition": found["clocks"]["edition"],
        "basis": "seed",
        "cadence": "every month",
        "cadence_basis": "policy",
        "citation": "Monograph L155: at baseline and periodically until 48 months after the last dose",
    }
    assert found["steps"][1] == {
        "gives": "due",
        "operation": "add_months",
        "inputs": {"from": "2024-05-15", "months": 1},
        "source": "policy",
        "result": "2024-06-15",
        "text": "The first infusion plus 1 month",
    }
    assert found["steps"][-1]["result"] == found["obligation"]["due_on"] == "2024-06-15"
    assert [one["verdict"] for one in found["evidence"]] == ["accepted"]
    assert found["to_close"]["components"] == ["total bilirubin"]
    assert (found["on"], found["clocks"]["on"]) == ("2024-06-18", "2024-06-18")


def test_its_obligation_is_the_row_of_the_list_of_slots(asked: Asked) -> None:
    here = f"/v1/treatments/{PEOPLE['neglected'].treatment}/obligations?requirement=MON-05&on=2024-06-18"
    row = asked.get(here).json()["obligations"][0]
    assert ask(asked, "neglected", "MON-05.e1.s1", "?on=2024-06-18")["obligation"] == row


def test_it_is_judged_at_both_clocks_and_on_today_without_a_date(asked: Asked) -> None:
    then = ask(asked, "twice", "MON-01.e1.s61", "?on=2024-07-02&known_at=2024-07-02")
    assert then["obligation"]["standing"] == "upcoming"
    now = ask(asked, "twice", "MON-01.e1.s61")
    assert (now["on"], now["obligation"]["standing"]) == ("2025-06-01", "withdrawn")
    assert "The infusion of 1 July 2024 (version 12) that made it was voided by version 13" in now["paragraph"]
    assert [one["change"] for one in now["came_about"]] == ["made", "withdrawn"]


def test_the_tag_of_an_answer_saves_asking_for_it_again(asked: Asked) -> None:
    tag = asked.get(address("steady", "MON-01.e1.s1")).headers["etag"]
    answer = asked.get(address("steady", "MON-01.e1.s1"), if_none_match=tag)
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "key", ["MON-01.e1.s99", "MON-01.e3.s1", "MON-77.e1.s1", "MON-06.e1.after-nobody", "x", "MON-01.e1.s1.w1"]
)
def test_what_no_fact_made_is_not_found_and_the_sentence_says_where_ids_come_from(asked: Asked, key: str) -> None:
    answer = asked.get(address("steady", key))
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:coursewatch:problem:not-found")
    assert answer.json()["detail"].endswith("Take the id from a list of obligations.")


def test_what_was_not_known_yet_is_not_found_and_neither_is_a_strangers(asked: Asked) -> None:
    assert asked.get(address("steady", "MON-01.e1.s1", "?known_at=2024-05-14")).status_code == 404
    assert asked.get(address("steady", "MON-01.e1.s1", "?on=2024-05-14")).status_code == 404
    assert asked.get("/v1/obligations/nobody.MON-01.e1.s1/explanation").status_code == 404


def test_a_wrong_parameter_is_named(asked: Asked) -> None:
    answer = asked.get(address("steady", "MON-01.e1.s1", "?on=yesterday&colour=red"))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/query/on", "/query/colour"]
