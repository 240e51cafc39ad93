"""Both databases are backed up under load by one command and come back as a prefix with all that was acknowledged."""

import itertools
import json
import stat
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.layouts import Embedded
from tests.monitoring.api.serving import until
from tests.real_parts.machine import ROOT


class Store(Embedded):
    """Both services on the machine's clock, on SQLite files or on two PostgreSQL databases."""

    def __init__(self, folder: Path, new_database: Callable[[], str] | None) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        self.env["COURSEWATCH_CLOCK"] = "system"
        if new_database is not None:
            self.env |= {"COURSEWATCH_COURSE_DB": new_database(), "COURSEWATCH_MONITORING_DB": new_database()}

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "services.cli", *words]
        return subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def facts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            query = {"after": len(found), "limit": 10_000}
            page = httpx.get(f"{self.course_url}/v1/audit/events", params=query, timeout=30).json()
            found += page["events"]
            if len(found) >= page["head"]:
                return found

    def ready(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.monitoring_url}/readyz").json())


class Load:
    """Posts facts of a few treatments as fast as they are answered; `acknowledged` are their ids, in order."""

    def __init__(self, store: Store) -> None:
        self._url = store.course_url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._post, daemon=True)
        self.acknowledged: list[str] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _post(self) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            treatments = []
            for _ in range(3):
                whose = {"system": "urn:example:mrn", "value": str(uuid.uuid4())}
                opening = {"identifier": whose, "zone": "Europe/Berlin", "label": "A. Example"}
                treatments.append(client.post("/v1/treatments", json=opening).json()["treatment"])
            waiting = {"type": "DeathRecorded", "occurred_on": "2024-05-01", "source": "x", "author": "x", "data": {}}
            client.post(f"/v1/treatments/{uuid.uuid4()}/events", json=waiting)
            for treatment in itertools.cycle(treatments):
                if self._stop.is_set():
                    return
                body = {
                    "type": "ExamPerformed",
                    "message_id": str(uuid.uuid4()),
                    "occurred_on": "2024-05-01",
                    "source": "urn:example:ward",
                    "author": "nurse-7",
                    "data": {"exam": "skin"},
                }
                answer = client.post(f"/v1/treatments/{treatment}/events", json=body)
                assert answer.status_code == 201, answer.text
                self.acknowledged.append(answer.json()["fact_id"])


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Callable[[], str] | None:
    return None if request.param == "sqlite" else request.getfixturevalue("new_database")


@pytest.fixture
def stores(tmp_path: Path, databases: Callable[[], str] | None) -> Iterator[tuple[Store, Store]]:
    """A running one, and one that is not started and empty."""
    both = Store(tmp_path / "first", databases), Store(tmp_path / "second", databases)
    try:
        both[0].start()
        yield both
    finally:
        for process in (*both[0].processes, *both[1].processes):
            process.kill()


@pytest.mark.slow
def test_a_backup_taken_under_load_comes_back_whole_and_monitoring_notices_that_the_log_is_older(
    stores: tuple[Store, Store], tmp_path: Path
) -> None:
    first, second = stores
    backup = tmp_path / "backup"
    with Load(first) as load:
        until(lambda: len(load.acknowledged) > 50, 30)
        before = list(load.acknowledged)
        done = first.command("backup", str(backup))
        assert done.returncode == 0, done.stderr
        reached = len(load.acknowledged)
        until(lambda: len(load.acknowledged) > reached + 20, 30)
    whole = first.facts()
    assert "course: " in done.stdout
    assert stat.S_IMODE(backup.stat().st_mode) == stat.S_IMODE((backup / "course").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in backup.glob("*/*")} == {0o600}

    refused = first.command("restore", str(backup))
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    done = second.command("restore", str(backup))
    assert done.returncode == 0, done.stderr
    second.start()
    restored = second.facts()
    assert restored == whole[: len(restored)]
    assert len(restored) < len(whole)
    assert {fact["fact_id"] for fact in restored} >= set(before)
    waiting = httpx.get(f"{second.course_url}/v1/quarantine").json()["items"]
    assert [item["resolved"] for item in waiting] == [False]
    # What was told after the backup must not be taken for what will be told under its numbers.
    position = httpx.get(f"{first.monitoring_url}/v1/obligations").json()["clocks"]["stream_position"]
    after = httpx.get(f"{second.monitoring_url}/v1/obligations").json()["clocks"]["stream_position"]
    assert position.split("-")[0] != after.split("-")[0]

    # The old monitoring database, which has seen more, is pointed at the restored log.
    first.stop()
    first.processes.append(first.run("monitoring api", COURSEWATCH_COURSE_URL=second.course_url))
    until(lambda: _log_of(first).startswith(f"the course log ends at position {len(restored)}, and position"), 30)


def test_a_backup_that_was_changed_is_not_restored(tmp_path: Path) -> None:
    first, second = Store(tmp_path / "first", None), Store(tmp_path / "second", None)
    try:
        first.start()
        with Load(first) as load:
            until(lambda: len(load.acknowledged) > 3)
        assert first.command("backup", str(tmp_path / "backup")).returncode == 0
        again = first.command("backup", str(tmp_path / "backup"))
        assert (again.returncode, "is there already" in again.stderr) == (2, True)
    finally:
        for process in first.processes:
            process.kill()
    rows = tmp_path / "backup" / "course" / "event.rows"
    body = bytearray(rows.read_bytes())
    body[-10] ^= 1
    rows.write_bytes(body)
    refused = second.command("restore", str(tmp_path / "backup"))
    assert refused.returncode == 2
    assert "event.rows is not what it was" in refused.stderr
    (tmp_path / "backup" / "course" / "manifest.json").unlink()
    assert "its manifest can't be read" in second.command("restore", str(tmp_path / "backup")).stderr
    missing = json.loads((tmp_path / "backup" / "monitoring" / "manifest.json").read_text())
    assert missing["service"] == "monitoring"


def _log_of(store: Store) -> str:
    try:
        return str(store.ready()["checks"].get("log", ""))
    except (httpx.TransportError, ValueError):
        return ""
