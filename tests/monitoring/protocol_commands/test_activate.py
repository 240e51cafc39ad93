"""`coursewatch protocol activate` and `history`: an edition is put in force by one line, and never by half."""

from pathlib import Path

import pytest

from services.cli import main
from services.monitoring.store.tables import edition
from tests.monitoring.protocol_commands.copies import Copy
from tests.monitoring.stores import opened, rows

WHY = ("--reason", "agreed by the drug committee", "--author", "pharmacy")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the settings say that the monitoring database is."""
    url = f"sqlite:///{tmp_path}/monitoring.db"
    monkeypatch.setenv("COURSEWATCH_MONITORING_DB", url)
    with opened(url):
        pass
    return url


@pytest.fixture
def mine(tmp_path: Path) -> Copy:
    copy = Copy(tmp_path)
    copy.change("@2024-01", "@2024-02", "protocol.toml")
    return copy


def test_an_activation_says_since_when_and_the_history_why(
    store: str, mine: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["protocol", "activate", str(mine.path), *WHY]) == 0
    said = capsys.readouterr().out
    assert said.startswith("alemtuzumab-ms@2024-02 is in force for what is known from 20")
    assert main(["protocol", "history"]) == 0
    old, new = capsys.readouterr().out.splitlines()
    assert old.startswith("alemtuzumab-ms: alemtuzumab-ms@2024-01, sha256 ")
    assert ", from the beginning, by coursewatch: " in old
    assert new.endswith(", by pharmacy: agreed by the drug committee")


def test_before_the_first_activation_the_history_names_what_was_shipped(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["protocol", "history"]) == 0
    assert "alemtuzumab-ms: alemtuzumab-ms@2024-01, as shipped, sha256 " in capsys.readouterr().out


def test_what_has_a_mistake_is_not_activated(store: str, mine: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    line = mine.change("every_months = 3", "evry_months = 3")
    assert main(["protocol", "activate", str(mine.path), *WHY]) == 1
    assert f"monitoring.toml, line {line}, MON-04, timing, evry_months" in capsys.readouterr().err
    with opened(store) as database:
        assert rows(database, edition) == []


def test_a_database_that_another_process_writes_is_left_alone(
    store: str, mine: Copy, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(store) as database:
        assert main(["protocol", "activate", str(mine.path), *WHY]) == 2
        assert "is in use by another process" in capsys.readouterr().err
        assert rows(database, edition) == []


@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_a_reason_is_asked_for(reason: list[str], mine: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["protocol", "activate", str(mine.path), *reason])
    assert left.value.code == 2
    assert "--reason" in capsys.readouterr().err
