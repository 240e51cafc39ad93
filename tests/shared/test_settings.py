"""A setting is described once; what is shown of it carries no password, and a slip of the pen is told."""

import json
import re
import subprocess

import pytest

from services import config
from services.cli import main
from shared.settings import masked
from tests.real_parts.machine import ROOT


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("postgresql://user:hunter2@host/name", "postgresql://user:***@host/name"),
        ("postgresql://user:p@ss:w/rd@host:5432/name", "postgresql://user:***@host:5432/name"),
        ("postgresql://user@host/name?password=hunter2&sslmode=require", "postgresql://user@host/name?password=***&sslmode=require"),
        ("https://host/feed?access_token=hunter2", "https://host/feed?access_token=***"),
        ("http://user:hunter2@course:8001", "http://user:***@course:8001"),
        ("user:hunter2@kafka:9092", "user:***@kafka:9092"),
        ("postgresql://user@host/name", "postgresql://user@host/name"),
        ("sqlite:///var/course.db", "sqlite:///var/course.db"),
        ("127.0.0.1:9092,127.0.0.1:9093", "127.0.0.1:9092,127.0.0.1:9093"),
    ],
)  # fmt: skip
def test_an_address_is_shown_without_what_opens_it(value: str, said: str) -> None:
    assert masked(value) == said


def test_every_name_in_the_code_is_a_setting_that_config_shows() -> None:
    files = subprocess.run(
        ["git", "ls-files", "services", "shared", "deploy", "docker-compose.yml", "Makefile", "README.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in files if not name.endswith((".png", ".woff2"))]
    named = {name for text in texts for name in re.findall(r"\bCOURSEWATCH_[A-Z_]*[A-Z]\b", text)}
    assert named - {"COURSEWATCH_TEST", "COURSEWATCH_BENCH"} <= {row.name for row in config.shown({})}
    assert {row.name for row in config.shown({})} <= named


def test_a_setting_tells_its_value_its_default_and_where_it_comes_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSEWATCH_COURSE_DB", "postgresql://coursewatch:hunter2@db/course")
    monkeypatch.setenv("COURSEWATCH_COURSE_PORT", "9001")
    assert main(["config", "--json"]) == 0
    out = capsys.readouterr().out
    found = {row["name"]: row for row in json.loads(out)["settings"]}
    assert found["COURSEWATCH_COURSE_DB"]["value"] == "postgresql://coursewatch:***@db/course"
    assert found["COURSEWATCH_COURSE_DB"]["default"] == "sqlite:///var/course.db"
    assert found["COURSEWATCH_COURSE_DB"]["origin"] == "environment"
    assert found["COURSEWATCH_COURSE_URL"]["value"] == "http://127.0.0.1:9001"
    assert found["COURSEWATCH_COURSE_URL"]["origin"] == "default"
    assert all(row["purpose"] and row["used_by"] for row in found.values())
    assert "hunter2" not in out


def test_a_slip_of_the_pen_is_told_with_the_nearest_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSEWATCH_KAFAK", "user:hunter2@kafka:9092")
    monkeypatch.setenv("COURSEWATCH_TEST_KAFKA", "127.0.0.1:9092")
    assert main(["config"]) == 0
    said = capsys.readouterr()
    told = "COURSEWATCH_KAFAK is no setting of Coursewatch, so it changes nothing."
    assert said.err == f"{told} Did you mean COURSEWATCH_KAFKA?\n"
    assert "hunter2" not in said.out


def test_a_value_that_would_keep_a_service_from_starting_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSEWATCH_COURSE_PORT", "http")
    assert main(["config"]) == 2
    assert capsys.readouterr().err == "COURSEWATCH_COURSE_PORT must be a port number from 1 to 65535.\n"
