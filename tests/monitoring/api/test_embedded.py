"""Both services as `coursewatch up` runs them: what is posted is read back, and dates speak without anybody posting."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.course.api.app import create_app as course_app
from services.course.settings import Settings as CourseSettings
from services.monitoring.api.app import create_app
from services.monitoring.health import lag
from services.monitoring.settings import Settings
from tests.monitoring.api.serving import listening, served, until

OPENING = {
    "identifier": {"system": "urn:hospital:mrn", "value": "MRN-0042"},
    "zone": "America/New_York",
    "site": "neuro-1",
    "sex": "female",
}


@dataclass
class Services:
    course: httpx.Client
    monitoring: httpx.Client

    def clock(self, now: str) -> None:
        for service in (self.course, self.monitoring):
            answer = service.put("/v1/clock", json={"now": now})
            assert answer.status_code == 200, answer.text

    def post(self, treatment: str, kind: str, at: str, data: dict[str, Any]) -> int:
        body = {"type": kind, "occurred_at": at, "source": "urn:test", "author": "tester", "data": data}
        answer = self.course.post(f"/v1/treatments/{treatment}/events", json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["version"])

    def course_of_five(self) -> str:
        """Five infusions from 15 May 2024, each known in its evening."""
        self.clock("2024-05-14T14:00:00Z")
        treatment: str = self.course.post("/v1/treatments", json=OPENING).json()["treatment"]
        for n in range(5):
            day = date(2024, 5, 15) + timedelta(days=n)
            self.clock(f"{day}T20:00:00Z")
            self.post(treatment, "InfusionAdministered", f"{day}T10:00:00-04:00", {"dose_mg": 12})
        return treatment


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with served(course_app(CourseSettings(f"sqlite:///{tmp_path}/course.sqlite", clock="manual"))) as course:
        settings = Settings(f"sqlite:///{tmp_path}/monitoring.sqlite", course_url=course, clock="manual")
        with (
            served(create_app(settings)) as monitoring,
            httpx.Client(base_url=course, timeout=20) as writing,
            httpx.Client(base_url=monitoring, timeout=20) as reading,
        ):
            yield Services(writing, reading)


def test_what_was_posted_is_in_the_next_answer_that_asks_for_its_version(services: Services) -> None:
    treatment = services.course_of_five()
    found = services.monitoring.get(f"/v1/treatments/{treatment}?min_version=6").json()
    assert found["version"] == 6
    assert found["episodes"][0]["anchor"] == "2024-05-15"
    listed = services.monitoring.get(f"/v1/obligations?treatment={treatment}&requirement=MON-01&min_version=6").json()
    assert [(row["standing"], row["due_on"]) for row in listed["obligations"]] == [("upcoming", "2024-06-15")]


def test_what_a_simulation_says_is_what_is_answered_once_it_is_posted(services: Services) -> None:
    treatment = services.course_of_five()
    here = f"/v1/treatments/{treatment}"
    services.clock("2024-07-20T20:00:00Z")
    skin = {"type": "ExamPerformed", "occurred_at": "2024-07-19T10:00:00-04:00", "data": {"exam": "skin"}}
    form = {"type": "RemsFormSubmitted", "occurred_on": "2024-07-18", "data": {"form": "patient-status"}}
    infusion = {"type": "InfusionAdministered", "occurred_at": "2024-07-20T10:00:00-04:00", "data": {"dose_mg": 12}}
    facts = [fact | {"source": "urn:test", "author": "tester"} for fact in (skin, form, infusion)]
    before = services.monitoring.get(f"{here}/obligations?min_version=6").json()["obligations"]
    said = services.monitoring.post(f"{here}/simulate", json={"facts": facts})
    assert said.status_code == 200, said.text
    posted = [services.course.post(f"{here}/events", json=fact).json() for fact in facts]
    text = said.text
    for number, fact in enumerate(posted, start=1):
        text = text.replace(f"hypothetical-{number}", fact["fact_id"])
    simulation = json.loads(text)
    after = services.monitoring.get(f"{here}/obligations?min_version=9").json()["obligations"]

    def states(slots: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        shown = simulation["slots"][0]["after"]
        return {slot["obligation_id"]: {name: slot[name] for name in shown} for slot in slots}

    differing = {key: state for key, state in states(after).items() if states(before).get(key) != state}
    assert differing == {one["obligation_id"]: one["after"] for one in simulation["slots"]}
    rows = services.monitoring.get(here).json()
    assert simulation["after"]["episodes"] == rows["episodes"]
    changed = {one["requirement"]: one["after"] for one in simulation["roll_ups"]}
    assert changed == {row["requirement"]: row for row in rows["obligations"] if row["requirement"] in changed}
    told = services.monitoring.get(f"{here}/diff?from={posted[0]['recorded_at']}&min_version=9").json()
    assert [one["fact_id"] for one in told["facts"]] == [fact["fact_id"] for fact in posted[1:]]


def test_a_date_speaks_without_anybody_posting_and_once(services: Services) -> None:
    treatment = services.course_of_five()
    position = services.monitoring.get(f"/v1/treatments/{treatment}?min_version=6").json()["clocks"]["stream_position"]
    address = str(services.monitoring.base_url)
    query = f"?requirement=MON-01&kind=became-overdue&kind=became-missed&last_event_id={position}"
    with listening(address, query) as heard:
        assert heard.event()["event"] == "hello"
        services.clock("2024-06-16T03:59:59Z")
        services.clock("2024-06-16T04:00:00Z")
        event = heard.event("heartbeat")
        assert event["event"] == "became-overdue"
        assert f'"obligation_id":"{treatment}.MON-01.e1.s1"' in event["data"]
        assert '"effective_on":"2024-06-16"' in event["data"]
        summary = services.monitoring.get("/v1/obligations/summary?requirement=MON-01").json()
        assert summary["by_standing"] == {"overdue": 1}
        services.clock("2024-07-08T05:00:00Z")
        assert heard.event("heartbeat")["event"] == "became-missed"


def test_a_moved_clock_judges_by_what_was_recorded_before(services: Services) -> None:
    treatment = services.course_of_five()
    services.clock("2024-06-15T12:00:00Z")
    results = [{"code": code, "status": "final"} for code in ("777-3", "6690-2", "718-7", "751-8", "731-0")]
    services.post(
        treatment, "LabResultRecorded", "2024-06-15T07:00:00-04:00", {"specimen_id": "S-1", "results": results}
    )
    services.clock("2024-06-20T12:00:00Z")
    with listening(
        str(services.monitoring.base_url), f"?requirement=MON-01&last_event_id={_start(services)}-0"
    ) as heard:
        kinds = [heard.event("hello")["event"] for _ in range(3)]
    assert kinds == ["opened", "became-due", "satisfied"]


def test_the_service_is_ready_once_it_has_read_the_log(services: Services) -> None:
    services.course_of_five()
    until(lambda: services.monitoring.get("/readyz").status_code == 200)
    assert services.monitoring.get("/readyz").json() == {
        "ready": True,
        "checks": {"store": "ok", "feed": "ok", "log": "ok", "parked": 0},
        "clock": "manual",
    }


def test_without_the_course_service_it_answers_but_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(f"sqlite:///{tmp_path}/monitoring.sqlite", course_url="http://127.0.0.1:9", clock="manual")
    with served(create_app(settings)) as address, httpx.Client(base_url=address) as asking:
        assert asking.get("/v1/obligations").json()["total"] == 0
        until(lambda: asking.get("/readyz").json()["checks"]["feed"] != "ok")
        assert asking.get("/readyz").status_code == 503
        assert asking.get("/healthz").status_code == 200


def test_the_clock_never_goes_back_and_is_not_there_on_the_machines_own(tmp_path: Path, services: Services) -> None:
    services.clock("2024-05-14T14:00:00Z")
    answer = services.monitoring.put("/v1/clock", json={"now": "2024-05-14T13:00:00Z"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:coursewatch:problem:clock-backwards")
    settings = Settings(f"sqlite:///{tmp_path}/other.sqlite", course_url=str(services.course.base_url))
    with served(create_app(settings)) as address:
        assert httpx.put(f"{address}/v1/clock", json={"now": "2024-05-14T13:00:00Z"}).status_code == 404


def _start(services: Services) -> str:
    position: str = services.monitoring.get("/v1/obligations").json()["clocks"]["stream_position"]
    return position.rpartition("-")[0]


@pytest.mark.parametrize(
    "seconds, said", [(0, "ok"), (0.4, "ok"), (0.999999, "ok"), (1, "1 s behind"), (12.7, "12 s behind")]
)
def test_how_far_the_feed_is_behind_is_told_from_one_second_on(seconds: float, said: str) -> None:
    assert lag(timedelta(seconds=seconds)) == said
