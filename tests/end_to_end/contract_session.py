"""The session of docs/contract.md §5 as a stranger plays it: it knows the contract and imports nothing of ours.

    python -m tests.end_to_end.contract_session --course URL --monitoring URL --offset DAYS

It needs both services on a manual clock and an empty log. All dates of §5 are moved by `--offset` days; what is
expected then is computed here, from the calendar alone. `--digests FILE` writes the digests of step 7 at the end;
`--compare FILE` plays nothing and compares the digests of now with those.
"""

import argparse
import json
import sys
import threading
import time
import uuid
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

ZONE = ZoneInfo("America/New_York")
CBC = (("777-3", "10*3/uL", 210), ("6690-2", "10*3/uL", 6.1), ("718-7", "g/dL", 13.2), ("751-8", "10*3/uL", 3.9))
LYMPHOCYTES = ("731-0", "10*3/uL", 1.4)
DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def instant(day: date, hour: int, minute: int = 0) -> str:
    """A local wall time with the offset it had there on that day."""
    return datetime.combine(day, clock_time(hour, minute), ZONE).isoformat()


class Session:
    """One treatment, first infused on 2024-05-15 moved by `offset` days."""

    def __init__(self, course: str, monitoring: str, offset: int = 0) -> None:
        self.course = httpx.Client(base_url=course, timeout=30)
        self.monitoring = httpx.Client(base_url=monitoring, timeout=30)
        self.anchor = date(2024, 5, 15) + timedelta(days=offset)
        self.treatment = ""

    def close(self) -> None:
        self.course.close()
        self.monitoring.close()

    def due(self, slot: int) -> date:
        return add_months(self.anchor, slot)

    def window(self, slot: int) -> dict[str, str]:
        return {
            "opens_on": (self.due(slot) - timedelta(days=7)).isoformat(),
            "due_on": self.due(slot).isoformat(),
            "closes_on": (self.due(slot + 1) - timedelta(days=8)).isoformat(),
        }

    def play(self) -> None:
        for step in (
            self.open_and_infuse,
            self.the_grid_is_there,
            self.one_result_however_often_it_is_sent,
            self.the_date_announces,
            self.missed_and_overdue_since,
            self.late_knowledge,
        ):
            step()

    def open_and_infuse(self) -> None:
        self.set_clock(datetime.combine(self.anchor - DAY, clock_time(14), UTC))
        opened = self.course.post(
            "/v1/treatments",
            json={
                "identifier": {"system": "urn:hospital:mrn", "value": f"MRN-{uuid.uuid4()}"},
                "protocol": "alemtuzumab-ms",
                "site": "neuro-1",
                "zone": "America/New_York",
                "sex": "female",
                "birth_date": "1988-04-02",
                "label": "A. Example",
            },
        )
        expect(opened.status_code, 201)
        self.treatment = opened.json()["treatment"]
        for day in range(5):
            on = self.anchor + day * DAY
            self.set_clock(datetime.combine(on, clock_time(20), UTC))
            answer = self.post("InfusionAdministered", instant(on, 10), {"dose_mg": 12})
            expect(answer.status_code, 201)
            expect(answer.json()["version"], day + 2)

    def the_grid_is_there(self) -> None:
        episode = self.read(f"/v1/treatments/{self.treatment}", min_version=6)["episodes"][0]
        expect(episode["anchor"], self.anchor.isoformat())
        expect(episode["ends_on"], add_months(self.anchor + 4 * DAY, 48).isoformat())
        slots = self.slots(on=self.anchor + 4 * DAY)
        expect(sorted(slots), list(range(1, 49)))
        for slot in (1, 2, 3):
            expect({name: slots[slot][name] for name in self.window(slot)}, self.window(slot))
        expect(slots[48]["due_on"], self.due(48).isoformat())

    def one_result_however_often_it_is_sent(self) -> None:
        on = self.due(1) - 5 * DAY
        self.set_clock(datetime.combine(on, clock_time(13), UTC))
        first = self.post_cbc(on, "S-1001", message_id="lab-7781")
        expect((first.status_code, self.head()), (201, 7))
        slot = self.slots(on, min_version=7)[1]
        expect((slot["standing"], slot["completed_on"]), ("done", on.isoformat()))
        self.roll_up_is("upcoming", self.due(2), on)

        again = self.post_cbc(on, "S-1001", message_id="lab-7781")
        expect((again.status_code, again.json(), self.head()), (200, first.json(), 7))
        expect(again.headers.get("Idempotent-Replayed"), "true")
        other = self.post_cbc(on, "S-1001", message_id="lab-7781", platelets=211)
        expect((other.status_code, self.head()), (409, 7))
        expect(other.json()["fact_id"], first.json()["fact_id"])

    def the_date_announces(self) -> None:
        """Nobody posts: the stream says it, and then the list and its totals do."""
        position = self.read("/v1/obligations", requirement="MON-01")["clocks"]["stream_position"]
        overdue = self.due(2) + DAY
        with self.announcements(position) as heard:
            self.set_clock(datetime.combine(overdue, clock_time(0, 0, 1), ZONE).astimezone(UTC))
            news = heard(lambda data: data["obligation_id"] == f"{self.treatment}.MON-01.e1.s2")
        expect((news["kind"], news["effective_on"]), ("became-overdue", overdue.isoformat()))
        expect((news["due_on"], news["caused_by"]), (self.due(2).isoformat(), None))
        (row,) = self.read("/v1/obligations", requirement="MON-01", standing="overdue")["obligations"]
        expect((row["treatment"], row["days_overdue"]), (self.treatment, 1))
        expect(self.read("/v1/obligations/summary", requirement="MON-01", standing="overdue")["total"], 1)

    def missed_and_overdue_since(self) -> None:
        opening = self.due(4) - 7 * DAY
        for on, specimen in ((self.due(2) + 5 * DAY, "S-1002"), (opening + DAY, "S-1003")):
            self.set_clock(datetime.combine(on, clock_time(13), UTC))
            expect(self.post_cbc(on, specimen).status_code, 201)
        slots = self.slots(opening, min_version=9)
        expect((slots[2]["standing"], slots[3]["standing"], slots[4]["standing"]), ("done_late", "missed", "due"))
        self.roll_up_is("overdue", self.due(3), opening, days_overdue=(opening - self.due(3)).days)
        expect(self.slots(opening + DAY)[4]["standing"], "done")
        self.roll_up_is("upcoming", self.due(5), opening + DAY)

    def late_knowledge(self) -> None:
        """A result of the third month arrives two months later: both answers hold for ever."""
        told_on = self.due(5) + 18 * DAY
        self.set_clock(datetime.combine(told_on, clock_time(13), UTC))
        expect(self.post_cbc(self.due(3) + 15 * DAY, "S-1004").status_code, 201)
        expect(self.slots(told_on, min_version=10)[3]["standing"], "done_late")
        expect(self.slots(told_on, known_at=told_on - DAY)[3]["standing"], "missed")

    def digests(self) -> dict[str, str]:
        """The digest at five points of the two clocks, today among them: it is set, since a restart may forget it."""
        opening, told_on = self.due(4) - 7 * DAY, self.due(5) + 18 * DAY
        self.set_clock(datetime.combine(told_on, clock_time(15), UTC))
        points = {
            "opening as known then": {"on": opening, "known_at": opening},
            "opening as known later": {"on": opening, "known_at": told_on},
            "the second due date": {"on": self.due(2), "known_at": self.due(2)},
            "in a year": {"on": told_on + 365 * DAY, "known_at": told_on},
            "today": {},
        }
        return {name: self.read("/v1/audit/digest", **point)["sha256"] for name, point in points.items()}

    # How the stranger speaks to the two services.

    def set_clock(self, now: datetime) -> None:
        for client in (self.course, self.monitoring):
            answer = client.put("/v1/clock", json={"now": now.isoformat()}, timeout=60)
            if answer.status_code != httpx.codes.OK:
                raise AssertionError(told(answer))

    def post(self, kind: str, occurred_at: str, data: dict[str, Any], **more: Any) -> httpx.Response:
        fact = {"type": kind, "occurred_at": occurred_at, "source": "urn:hospital:lis", "author": "analyzer-3"}
        return self.course.post(f"/v1/treatments/{self.treatment}/events", json={**fact, "data": data, **more})

    def post_cbc(self, on: date, specimen: str, platelets: int = 210, **more: Any) -> httpx.Response:
        results = [{"code": c, "unit": u, "value": v, "status": "final"} for c, u, v in (*CBC, LYMPHOCYTES)]
        results[0]["value"] = platelets
        more["business_id"] = {"system": "urn:hospital:lis", "value": specimen, "version": 1}
        return self.post("LabResultRecorded", instant(on, 8, 15), {"specimen_id": specimen, "results": results}, **more)

    def head(self) -> int:
        answer = self.course.get("/v1/audit/events", params={"limit": 1})
        expect(answer.status_code, 200)
        return int(answer.json()["head"])

    def read(self, path: str, **query: Any) -> Any:
        """GET of the monitoring service; 503 means: not projected yet, ask again."""
        params = {name: value.isoformat() if isinstance(value, date) else value for name, value in query.items()}
        deadline = time.monotonic() + 30
        while True:
            answer = self.monitoring.get(path, params=params)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                if answer.status_code != httpx.codes.OK:
                    raise AssertionError(told(answer))
                return answer.json()

    def slots(self, on: date, **query: Any) -> dict[int, Any]:
        query = {"requirement": "MON-01", "on": on, **query}
        answer = self.read(f"/v1/treatments/{self.treatment}/obligations", **query)
        return {slot["slot"]: slot for slot in answer["obligations"]}

    def roll_up_is(self, standing: str, due_on: date, on: date, days_overdue: int = 0) -> None:
        (row,) = self.read("/v1/obligations", requirement="MON-01", treatment=self.treatment, on=on)["obligations"]
        expect(
            (row["standing"], row["due_on"], row["days_overdue"]),
            (standing, due_on.isoformat(), days_overdue),
        )

    @contextmanager
    def announcements(self, position: str) -> Iterator[Any]:
        """Listens from a list's position on; what it yields waits for the announcement that fits."""
        heard: list[dict[str, Any]] = []
        arrived = threading.Condition()
        with self.monitoring.stream(
            "GET", "/v1/obligations/stream", params={"kind": "became-overdue", "last_event_id": position}, timeout=30
        ) as response:
            expect(response.status_code, 200)

            def listen() -> None:
                try:
                    for line in response.iter_lines():
                        if line.startswith("data:") and "announcement_id" in (data := json.loads(line[5:])):
                            with arrived:
                                heard.append(data)
                                arrived.notify()
                except (httpx.HTTPError, httpx.StreamError):
                    return  # closed below

            threading.Thread(target=listen, daemon=True).start()

            def wait_for(fits: Any) -> dict[str, Any]:
                with arrived:
                    found = arrived.wait_for(lambda: any(map(fits, heard)), timeout=10)
                    expect(found, True)
                    return next(filter(fits, heard))

            yield wait_for


def told(answer: httpx.Response) -> str:
    return f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}"


def expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"found {found!r}, the contract says {wanted!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--course", required=True)
    parser.add_argument("--monitoring", required=True)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--digests", type=Path)
    parser.add_argument("--compare", type=Path)
    options = parser.parse_args()
    session = Session(options.course, options.monitoring, options.offset)
    if options.compare:
        expect(session.digests(), json.loads(options.compare.read_text()))
        print("The digests are equal.")
        return 0
    session.play()
    if options.digests:
        options.digests.write_text(json.dumps(session.digests()))
    print(f"The session of the contract holds, {options.offset} days from its dates.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
