"""`coursewatch protocol impact` says what another edition would change, and changes nothing."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from services.monitoring import catalogue
from services.monitoring.protocol_commands.tally import Tally, compared
from services.monitoring.store.tables import fact, roll_up_span, treatment
from tests.monitoring.api.cohorts import Log
from tests.monitoring.protocol_commands.copies import PROTOCOL, Copy
from tests.monitoring.stores import opened, rows
from tests.scenario import EDITION, Scenario, treated

TSH = "every_months = 3, early_days = 14"
ON = "2024-09-01"


def someone() -> Scenario:
    """Treated from 2024-05-15; TSH every three months is due on 08-15, every two on 07-15 and 09-15."""
    return treated(name="someone")


def nobody() -> Scenario:
    """Opened, and never given an infusion."""
    return Scenario(name="nobody")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A monitoring database, where the settings say that it is, with two treatments."""
    url = f"sqlite:///{tmp_path}/monitoring.db"
    monkeypatch.setenv("COURSEWATCH_MONITORING_DB", url)
    with opened(url) as database:
        Log(database).deliver(someone(), nobody())
    return url


@pytest.fixture
def mine(tmp_path: Path) -> Copy:
    """TSH every two months instead of three."""
    copy = Copy(tmp_path)
    copy.change(TSH, "every_months = 2, early_days = 14")
    copy.change("@2024-01", "@2024-02", "protocol.toml")
    return copy


def impact(mine: Copy, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    assert main(["protocol", "impact", str(mine.path), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_shorter_interval_moves_and_opens_obligations_of_those_who_were_treated(
    store: str, mine: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    told = impact(mine, capsys, "--on", ON)
    assert (told["before"]["name"], told["after"]["name"]) == ("alemtuzumab-ms@2024-01", "alemtuzumab-ms@2024-02")
    assert (told["treatments"], told["changed"]) == (2, 1)
    (one,) = told["requirements"]
    assert (one["requirement"], one["treatments"]) == ("MON-04", 1)
    assert one["obligations"] == {"opened": 8, "moved": 16, "changed": 2}
    (each,) = told["by_treatment"]
    assert each["treatment"] == someone().treatment
    assert each["obligations"] == {"MON-04": {"opened": 8, "moved": 16, "changed": 2}}
    assert [(line["due_before"], line["due_after"]) for line in each["lines"]] == [("2024-08-15", "2024-07-15")]


def test_what_would_stand_otherwise_is_counted(store: str, mine: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = impact(mine, capsys, "--on", "2024-07-20")["requirements"]
    assert one["roll_ups"] == {"upcoming -> overdue": 1}
    assert one["standings"] == {"upcoming -> overdue": 1}


def test_an_edition_that_says_the_same_changes_nothing(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = Copy(tmp_path, "same")
    same.change("# The recurring monitoring", "# All the recurring monitoring")
    told = impact(same, capsys)
    assert (told["treatments"], told["changed"], told["requirements"]) == (2, 0, [])
    assert told["before"]["sha256"] != told["after"]["sha256"]


def test_a_rule_that_is_left_out_withdraws_its_obligations(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = Copy(tmp_path, "without")
    without.change('profiles = ["us"]\ntiming = { kind = "grid", every_months = 6', 'profiles = []\ntiming = { kind = '
                   '"grid", every_months = 6')  # fmt: skip
    told = impact(without, capsys, "--on", ON)
    (one,) = told["requirements"]
    assert (one["requirement"], one["obligations"]) == ("MON-10", {"withdrawn": 8})
    assert one["roll_ups"] == {"upcoming -> none": 1}


def test_it_is_told_in_words_with_a_bar_on_the_other_stream(
    store: str, mine: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["protocol", "impact", str(mine.path), "--on", ON]) == 0
    said = capsys.readouterr()
    assert "1 of 2 treatments would change." in said.out
    words = "MON-04: 8 opened, 16 moved, 2 changed, overdue, due 2024-08-15 -> overdue"
    assert f"  {someone().treatment}  {words}" in said.out
    assert said.err.endswith(f"[{'#' * 40}] 2 of 2 treatments\n")


def test_nothing_in_the_store_is_changed(store: str, mine: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    tables = (fact, roll_up_span, treatment)
    with opened(store) as database:
        before = [rows(database, table) for table in tables]
    impact(mine, capsys)
    with opened(store) as database:
        assert [rows(database, table) for table in tables] == before


def test_another_protocol_can_be_named_to_compare_with(
    store: str, mine: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.change("alemtuzumab-ms@", "somewhere-else@", "protocol.toml")
    assert main(["protocol", "impact", str(mine.path)]) == 1
    assert "No protocol somewhere-else is in force to compare with." in capsys.readouterr().err
    assert impact(mine, capsys, "--against", PROTOCOL, "--on", ON)["changed"] == 1


def test_mistakes_are_told_instead(store: str, mine: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    line = mine.change("every_months = 2", "evry_months = 2")
    assert main(["protocol", "impact", str(mine.path)]) == 1
    assert f"monitoring.toml, line {line}, MON-04, timing, evry_months" in capsys.readouterr().err


def test_a_database_that_is_not_there_is_a_sentence(
    tmp_path: Path, mine: Copy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSEWATCH_MONITORING_DB", f"sqlite:///{tmp_path}/nowhere.db")
    assert main(["protocol", "impact", str(mine.path)]) == 2
    assert "does not exist yet. Start the monitoring service first." in capsys.readouterr().err


def test_the_order_in_which_treatments_come_makes_no_difference_to_the_sums(mine: Copy) -> None:
    other = catalogue.load("mine", folder=mine.path.parent)
    day = date(2024, 9, 1)
    sums = []
    for people in (
        [someone(), treated("2023-02-01", name="another")],
        [treated("2023-02-01", name="another"), someone()],
    ):
        tally = Tally()
        for one in people:
            tally.add(one.treatment, day, compared(EDITION, other, one.facts, day))
        sums.append(tally.requirements())
    assert sums[0] == sums[1]
