"""An older course log is restored under a monitoring service that has seen more, and goes on with other facts."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import patch

import httpx
from sqlalchemy import create_engine, make_url, text

from services import keeping
from services.cli import main as coursewatch
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka.stage import postgres
from tests.chaos.parts import River, broker, wait_for

FEED = ("course api", "monitoring api")
KAFKA = ("course api", "course relay", "monitoring consume", "monitoring api")
_COURSE_SIDE = ("course api", "course relay")


def go(run: Run, *, parts: tuple[str, ...]) -> Finding:
    treatments, lost = run.times(200, 6), run.times(2000, 18)
    with _river(run, parts) as river:
        on = Scene(river)
        opened = [on.open() for _ in range(treatments)]
        untouched = on.open()
        on.post(opened, lost)
        on.caught_up()
        keeping.back_up(on.env, run.folder / "backup", "course")
        kept = on.head()
        on.post(opened, lost)
        on.caught_up()
        seen = on.head()
        before = on.projected()
        run.say(f"{seen} facts seen, {seen - kept} of them not in the backup")

        behind = _restored(on, run, parts)
        on.post(opened, lost + 1)
        on.post([untouched], 1)
        forked = on.noticed(lambda said: "has another fact than the one that was seen" in said)
        on.patient(lambda: on.set_aside()["parked_treatments"] >= treatments)
        waits = on.set_aside()
        broken = _missing(on, river, parts, waits, before, behind, forked, treatments)
        _settled(on, river, parts)
        after = on.projected()
        log = {(one["treatment"], one["version"]): one["fact_id"] for one in on.facts()}
        if not run.without and (after != log or on.set_aside()["parked_treatments"] or on.log_said() != "ok"):
            broken.append("After the rebuild monitoring does not hold exactly what the log has.")
        contested = sum(1 for key, fact in log.items() if key in before and before[key] != fact)
        counters = {"lost_facts": seen - kept, "contested_versions": contested, "treatments": treatments}
        return Finding(
            tuple(broken),
            counters,
            {"lost_facts": lost, "contested_versions": lost, "treatments": treatments},
            {"seconds_to_notice_a_shorter_log": behind or "never", "seconds_to_notice_a_fork": forked or "never"},
        )


class Scene:
    """Posts, asks and waits; every wait of `noticed` may end without success, for that is what is found out."""

    def __init__(self, river: River) -> None:
        self.river = river
        self.env = river._environment()
        self._course = httpx.Client(base_url=river.course_url, timeout=30)
        self._monitoring = httpx.Client(base_url=river.monitoring_url, timeout=30)
        self._engine = create_engine(river.monitoring_db)
        self.patience = 20.0

    def open(self) -> str:
        whose = {"system": "urn:example:mrn", "value": str(uuid.uuid4())}
        answer = self._course.post("/v1/treatments", json={"identifier": whose, "zone": "Europe/Berlin"})
        return str(answer.raise_for_status().json()["treatment"])

    def post(self, treatments: list[str], number: int) -> None:
        body = {"type": "ExamPerformed", "occurred_on": "2024-05-01", "source": "x", "author": "x"}
        named = [{"treatment": treatments[n % len(treatments)], "message_id": str(uuid.uuid4())} for n in range(number)]
        items = [{**body, **one, "data": {"exam": "skin"}} for one in named]
        answer = self._course.post("/v1/events", json=items).raise_for_status().json()
        assert answer["counts"] == {"201": number}, answer["counts"]

    def head(self) -> int:
        return int(self._course.get("/v1/audit/events?limit=1").json()["head"])

    def facts(self) -> list[dict[str, Any]]:
        return list(self._course.get("/v1/audit/events?limit=10000").json()["events"])

    def projected(self) -> dict[tuple[str, int], str]:
        with self._engine.connect() as connection:
            rows = connection.execute(text("select treatment, version, fact_id from fact"))
            return {(row.treatment, row.version): row.fact_id for row in rows}

    def caught_up(self) -> None:
        """Everything recorded is projected."""
        head = self.head()
        wait_for(lambda: len(self.projected()) >= head, lambda: "monitoring did not read the log")

    def set_aside(self) -> dict[str, Any]:
        return dict(self._monitoring.get("/v1/operations/set-aside").json())

    def ready(self) -> tuple[int, dict[str, Any]]:
        answer = self._monitoring.get("/readyz")
        return answer.status_code, dict(answer.json()["checks"])

    def log_said(self) -> str:
        return str(self.ready()[1].get("log"))

    def metrics(self) -> str:
        return self._monitoring.get("/metrics").text

    def noticed(self, true: Any) -> float | None:
        began = monotonic()
        while monotonic() - began < self.patience:
            status, checks = self.ready()
            if status == 503 and true(str(checks.get("log"))):
                return round(monotonic() - began, 2)
        return None

    def patient(self, true: Any) -> None:
        began = monotonic()
        while not true() and monotonic() - began < self.patience:
            pass


def _restored(on: Scene, run: Run, parts: tuple[str, ...]) -> float | None:
    """Puts the older log in the place of the newer one; how long it took to be noticed, nothing being posted."""
    river = on.river
    for words in set(parts) & set(_COURSE_SIDE):
        river.kill(words)
    _emptied(river.course_db, run.folder)
    keeping.put_back(on.env, run.folder / "backup", "course")
    on.patience = 4.0 if run.without else 30.0
    river.start(*[words for words in parts if words in _COURSE_SIDE])
    river.serves("course api")
    return on.noticed(lambda said: "the course log ends at position" in said)


def _emptied(database: str, folder: Path) -> None:
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        for file in Path(str(url.database)).parent.glob("course.db*"):
            shutil.move(file, folder / f"lost-{file.name}")
        return
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'drop database "{url.database}" with (force)'))
        connection.execute(text(f'create database "{url.database}"'))
    engine.dispose()


def _missing(
    on: Scene,
    river: River,
    parts: tuple[str, ...],
    waits: dict[str, Any],
    before: dict[tuple[str, int], str],
    behind: float | None,
    forked: float | None,
    treatments: int,
) -> list[str]:
    """What was not said, or was absorbed, a sentence each."""
    broken = []
    if behind is None:
        broken.append("A log that is merely shorter was not noticed.")
    if forked is None:
        broken.append("A log that went on with other facts was not noticed.")
    if waits["parked_treatments"] != treatments or {one["reason"] for one in waits["parked"]} != {"fork"}:
        broken.append(f"{waits['parked_treatments']} of {treatments} forked treatments are parked.")
    counted = on.metrics()
    parked = f'coursewatch_parked_treatments{{reason="fork"}} {treatments}.0'
    wanted = {"the alarm": 'coursewatch_log_alarm{alarm="fork"} 1.0', "what is parked": parked}
    broken += [f"/metrics does not say {what}." for what, line in wanted.items() if line not in counted]
    reader = "monitoring consume" if "monitoring consume" in parts else "monitoring api"
    if "ALARM" not in river.log(reader).read_text(encoding="utf-8"):
        broken.append("No log line at ERROR says ALARM.")
    now = on.projected()
    if any(now.get(key) != fact for key, fact in before.items()):
        broken.append("A fact that was seen was replaced in silence.")
    return broken


def _settled(on: Scene, river: River, parts: tuple[str, ...]) -> None:
    """As the runbook says: the log as it is now is taken for the truth."""
    reader = "monitoring consume" if "monitoring consume" in parts else "monitoring api"
    river.kill(reader)
    with patch.dict(os.environ, on.env):
        if coursewatch(["monitoring", "rebuild"]):
            raise RuntimeError("the rebuild was refused")
    river.start(reader)
    river.serves("monitoring api")
    on.patience = 30.0
    on.patient(lambda: on.log_said() == "ok" and on.ready()[0] == 200)


@contextmanager
def _river(run: Run, parts: tuple[str, ...]) -> Iterator[River]:
    kafka = broker() if parts == KAFKA else None
    river = River(run.folder, postgres=postgres() if kafka else None, kafka=kafka)
    if run.without:
        river.without = dict.fromkeys(parts, ("witness",))
    try:
        river.start("course api")
        river.serves("course api")
        river.start(*[words for words in parts if words != "course api"])
        river.serves("monitoring api")
        yield river
    finally:
        river.close()
        if kafka is not None:
            kafka.close()


EXPERIMENTS = tuple(
    Experiment(
        name,
        "A course log that was restored from an older backup is named, whether it is merely shorter or went on.",
        partial(go, parts=parts),
        "nobody looks whether the log is the one that was read, and a version seen twice is skipped whatever it is",
    )
    for name, parts in (("fork_feed", FEED), ("fork_kafka", KAFKA))
)
