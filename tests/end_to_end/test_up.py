"""`coursewatch up` as whoever types it meets it: it starts, tells what to try, stops, and says what is wrong."""

import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.up import cohort
from tests.end_to_end.processes import clean_environment
from tests.real_parts.machine import ROOT, answers, free_port

SECONDS = 60.0


class Up:
    """One `coursewatch up` with its own folder and ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.course, self.monitoring = free_port(), free_port()
        self.output = folder.parent / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str, **env: str) -> None:
        settings = {
            "COURSEWATCH_DATA": str(self.folder),
            "COURSEWATCH_COURSE_PORT": str(self.course),
            "COURSEWATCH_MONITORING_PORT": str(self.monitoring),
        }
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "up", *options],
                cwd=ROOT,
                env={**clean_environment(), **settings, **env},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + SECONDS
        while words not in self.said():
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def feed(self) -> dict[str, Any]:
        answer = httpx.get(f"http://127.0.0.1:{self.course}/v1/audit/events", params={"limit": 10000})
        return dict(answer.json())

    def ports_are_free(self) -> bool:
        return not answers(self.course) and not answers(self.monitoring)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    one = Up(tmp_path / "data")
    try:
        yield one
    finally:
        if one.process is not None and one.process.poll() is None:
            one.end()


def test_it_starts_with_patients_and_what_it_prints_works_and_ctrl_c_keeps_everything(up: Up) -> None:
    up.start("--patients", "2")
    up.wait_for("Three things to try")
    for line in printed_commands(up.said()):
        tried = subprocess.run([*line, "--max-time", "3", "-sS"], capture_output=True, text=True, check=False)
        # 28: the stream goes on for ever, so the time limit ends it.
        assert tried.returncode in {0, 28}, tried.stderr
        assert "problem" not in tried.stdout
        assert tried.stdout
    before = up.feed()

    assert up.end() == 0
    assert up.ports_are_free()
    assert "Stopped" in up.said()
    up.start()
    up.wait_for("Three things to try")
    assert "Loading" not in up.said()
    assert up.feed() == before


def printed_commands(text: str) -> list[list[str]]:
    lines = text.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line) for line in lines if line.strip().startswith("curl")]
    assert len(commands) == 3
    return commands


def test_a_load_that_was_cut_off_goes_on_to_the_same_log(up: Up) -> None:
    up.start("--patients", "6", "--seed", "5")
    up.wait_for("Loading")
    time.sleep(0.5)
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    plan = json.loads((up.folder / "demo.json").read_bytes())
    assert not plan["done"], "the load was over before it could be cut off"

    wait_until_unlocked(up)
    up.start()
    up.wait_for("Three things to try")
    assert "loaded in part" in up.said()
    wanted = cohort.messages(6, 5, datetime.fromisoformat(plan["until"]))
    events = up.feed()["events"]
    assert [event["type"] for event in events] == [message.body.get("type", "TreatmentOpened") for message in wanted]


def wait_until_unlocked(up: Up) -> None:
    """The services end by themselves when whoever started them is gone."""
    lock = up.folder / "course.db.lock"
    deadline = time.monotonic() + 10
    while lock.exists() and subprocess.run(["flock", "-n", str(lock), "true"], check=False).returncode:
        assert time.monotonic() < deadline, "the services outlived the process that started them"
        time.sleep(0.1)


def test_a_taken_port_is_a_sentence(up: Up) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", up.monitoring))
        other.listen()
        assert refusal(up) == (
            f"Can't listen on 127.0.0.1:{up.monitoring}: stop what uses the port, "
            "or set COURSEWATCH_MONITORING_PORT to a free one.\n"
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COURSEWATCH_COURSE_PORT", "http"),
        ("COURSEWATCH_MONITORING_PORT", "70000"),
        ("COURSEWATCH_CLOCK", "sundial"),
        ("COURSEWATCH_PATIENTS", "many"),
        ("COURSEWATCH_KAFKA", "127.0.0.1:9092"),
    ],
)
def test_a_bad_setting_is_a_sentence_that_names_it_and_not_its_value(up: Up, name: str, value: str) -> None:
    said = refusal(up, **{name: value})
    assert name in said
    assert said.count("\n") == 1
    if name != "COURSEWATCH_KAFKA":
        assert value not in said


def test_one_port_for_both_services_is_a_sentence(up: Up) -> None:
    up.monitoring = up.course
    assert refusal(up) == "COURSEWATCH_COURSE_PORT and COURSEWATCH_MONITORING_PORT must be two different ports.\n"


@pytest.mark.parametrize("database", ["course.db", "monitoring.db"])
def test_a_half_written_database_is_a_sentence(up: Up, database: str) -> None:
    up.folder.mkdir()
    (up.folder / database).write_bytes(b"SQLite format 3\0" + b"\x01" * 5000)
    said = refusal(up, "--patients", "0")
    assert database in said
    assert "Traceback" not in said


def test_a_second_one_on_the_same_folder_is_a_sentence(up: Up, tmp_path: Path) -> None:
    up.start("--patients", "0")
    up.wait_for("Three things to try")
    second = Up(up.folder)
    second.output = tmp_path / "second.txt"
    assert "in use by another process" in refusal(second)


def refusal(up: Up, *options: str, **env: str) -> str:
    up.start(*options, **env)
    assert up.process is not None
    assert up.process.wait(SECONDS) == 2, up.said()
    assert up.ports_are_free() or "in use" in up.said() or "listen" in up.said()
    return up.said()
