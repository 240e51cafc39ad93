"""Replays the made-up cohort through the course service's own doors, each message at the time it would have arrived."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import msgspec

from services.up import cohort
from services.up.processes import Service
from services.up.settings import UpError

Progress = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """What was begun, so that an interrupted load goes on with the same messages: kept beside the log."""

    patients: int
    seed: int
    until: datetime
    done: bool = False


def load(data: Path, patients: int, seed: int, service: Callable[[], Service], tell: Progress, *, asked: bool) -> None:
    """Fills an empty log, or finishes a load that was interrupted; a log with other facts is left alone.

    `service` starts a course service whose clock is moved by hand. Raises UpError.
    """
    plan = _read(data)
    if plan is not None and plan.done:
        return
    if plan is None and patients == 0:
        return
    with service() as course, httpx.Client(base_url=course.url, timeout=30) as client:
        course.wait_until_ready()
        head = _ask(client.get("/v1/audit/events", params={"limit": 1}))["head"]
        if plan is None:
            if head:
                if asked:
                    tell("The log already holds facts, so no demo patients were added: they need an empty log.")
                return
            plan = Plan(patients, seed, datetime.now(UTC).replace(microsecond=0))
            _write(data, plan)
            tell(f"Loading {plan.patients} demo patients, two years of them. This happens once.")
        else:
            tell(f"The demo patients were loaded in part. Going on with all {plan.patients} of them.")
        _replay(client, plan, _recorded_through(client, head))
        _write(data, msgspec.structs.replace(plan, done=True))


def _replay(client: httpx.Client, plan: Plan, recorded_through: datetime | None) -> None:
    messages = cohort.messages(plan.patients, plan.seed, plan.until)
    for arrives_at, batch in groupby(messages, key=lambda message: message.arrives_at):
        # What arrived before the last recorded fact is all there; its own batch may be there in part.
        if recorded_through is None or arrives_at > recorded_through:
            _ask(client.put("/v1/clock", json={"now": arrives_at.isoformat()}))
        facts = []
        for message in batch:
            if message.opens:
                _ask(client.post("/v1/treatments", json=message.body))
            else:
                facts.append(message.body)
        if facts:
            refused = [item for item in _ask(client.post("/v1/events", json=facts))["results"] if item["status"] > 201]
            if refused:
                raise UpError(
                    f"The course service answered {refused[0]['status']} to a demo message. Move the data folder away "
                    "and start again; if that does not help, please report it."
                )


def _recorded_through(client: httpx.Client, head: int) -> datetime | None:
    if head == 0:
        return None
    last = _ask(client.get("/v1/audit/events", params={"after": head - 1, "limit": 1}))["events"][0]
    return datetime.fromisoformat(last["recorded_at"])


def _ask(response: httpx.Response) -> Any:
    if response.is_error:
        raise UpError(f"The course service answered {response.status_code} while the demo patients were loaded.")
    return response.json()


def _file(data: Path) -> Path:
    return data / "demo.json"


def _read(data: Path) -> Plan | None:
    try:
        return msgspec.json.decode(_file(data).read_bytes(), type=Plan)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise UpError(f"{_file(data)} can't be read. Move the folder {data} away to begin anew.") from error


def _write(data: Path, plan: Plan) -> None:
    unfinished = _file(data).with_suffix(".unfinished")
    with unfinished.open("wb") as out:
        out.write(msgspec.json.encode(plan))
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(_file(data))


def environment(env: Mapping[str, str], port: int) -> dict[str, str]:
    """The environment of the course service that the replay speaks to: on a port nobody else knows."""
    return {**env, "COURSEWATCH_CLOCK": "manual", "COURSEWATCH_COURSE_PORT": str(port), "COURSEWATCH_HOST": "127.0.0.1"}
