"""The operator's commands work beside a running layout, and every mistake is a sentence."""

import subprocess
import sys
import uuid

import pytest

from services.cli import main
from tests.end_to_end.contract_session import Session
from tests.end_to_end.layouts import Broker, Embedded, River
from tests.real_parts.machine import ROOT


def command(river: River, words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "services.cli", *words.split()]
    return subprocess.run(
        line, cwd=ROOT, env=river.environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_rebuild_unpark_and_redrive_change_no_answer_while_all_runs(kafka_river: Broker) -> None:
    session = Session(kafka_river.course_url, kafka_river.monitoring_url)
    session.open_and_infuse()
    session.the_grid_is_there()
    before = session.read("/v1/audit/digest", on=session.due(3))
    position = session.read("/v1/obligations")["clocks"]["stream_position"]

    done = command(kafka_river, "monitoring rebuild")
    assert done.returncode == 0, done.stderr
    assert "1 treatment from 6 facts" in done.stdout
    assert "6 of 6 facts" in done.stderr
    done = command(kafka_river, f"monitoring unpark {session.treatment}")
    assert (done.returncode, done.stdout) == (0, "The treatment was projected anew from 6 facts.\n"), done.stderr
    done = command(kafka_river, "monitoring redrive")
    assert (done.returncode, done.stdout) == (
        0,
        "Read now: 0 dead letters. Lacking nothing that the log has: 0. Still unread: 0.\n",
    ), done.stderr

    after = session.read("/v1/audit/digest", on=session.due(3))
    assert (after["sha256"], after["slots"]) == (before["sha256"], before["slots"])
    assert session.read("/v1/obligations")["clocks"]["stream_position"] == position
    session.close()


def test_a_rebuild_beside_the_embedded_service_is_refused_with_a_sentence(river: Embedded) -> None:
    done = command(river, "monitoring rebuild")
    assert done.returncode == 2
    assert "in use by another process" in done.stderr
    assert "Traceback" not in done.stderr


def test_unpark_without_a_course_service_changes_nothing_and_says_so(river: Embedded) -> None:
    river.stop()
    done = command(river, f"monitoring unpark {uuid.uuid4()}")
    assert done.returncode == 2
    assert done.stderr.startswith("Nothing was changed: ")
    assert "COURSEWATCH_COURSE_URL" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *("", "down", "course", "course brew", "course relay --from the-start"),
        *("monitoring", "monitoring unpark not-an-id", "monitoring dismiss all", "monitoring dismiss 12345678901"),
    ],
)
def test_a_command_that_is_none_shows_how_it_is_used(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(words.split())
    except SystemExit as usage:
        code = usage.code
    assert code == 2
    assert "usage: coursewatch" in capsys.readouterr().err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for words in ("up", "course api", "course relay", "monitoring consume", "monitoring rebuild"):
        assert words in said
