"""Facts told to a river whose clock is odd, and whether the instants of recording keep their promises all the same."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import httpx

from tests.chaos.client import facts
from tests.chaos.clocks.dial import Dial
from tests.chaos.clocks.moods import MONTH, Mood
from tests.chaos.parts import River, wait_for

ZONES = ("America/New_York", "Pacific/Kiritimati", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Pago_Pago")
HOURS = (time(0, 10), time(2, 30), time(12), time(23, 50))  # where days and zones turn
MICROSECOND = timedelta(microseconds=1)
AT_ONCE = timedelta(minutes=2)


@dataclass
class Told:
    """What one river was told: treatments with their zones and numbers of facts, instants of recording in order."""

    river: River
    draw: random.Random
    zones: dict[str, str] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    recorded: list[datetime] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)

    def tell(self, course: httpx.Client, mood: Mood, dial: Dial, number: int) -> None:
        """A new treatment in each zone, then facts of new and old ones; a turn comes in the middle of them."""
        promised = _recorded_through(course)
        first = len(self.recorded)
        for zone in ZONES:
            self._open(course, zone)
        for done in range(number):
            if mood.jumps:
                dial.set(mood.at + MONTH * self.draw.uniform(-1, 1))
            if done == number // 2:
                wait_for(lambda: mood.turn is None or dial.now() > mood.turn, lambda: "the clock stands still")
            self._post(course, self.draw.choice(list(self.zones)))
        self._judge(mood, self.recorded[first:], promised, dial)

    def _open(self, course: httpx.Client, zone: str) -> None:
        opening = facts.opening(f"patient-{len(self.zones)}") | {"zone": zone}
        stored = course.post("/v1/treatments", json=opening).raise_for_status().json()
        self.zones[stored["treatment"]] = zone
        self.recorded.append(datetime.fromisoformat(stored["recorded_at"]))

    def _post(self, course: httpx.Client, treatment: str) -> None:
        number = self.numbers[treatment]
        self.numbers[treatment] += 1
        fact = facts.fact(f"{treatment}-{number}", number, self.draw)
        day = date.fromisoformat(str(fact["occurred_at"])[:10])
        local = datetime.combine(day, self.draw.choice(HOURS), ZoneInfo(self.zones[treatment]))
        fact["occurred_at"] = local.isoformat()
        answer = course.post(f"/v1/treatments/{treatment}/events", json=fact)
        if answer.status_code != 201:
            self.broken.append(f"a fact was answered {answer.status_code}")
            return
        self.counters["facts"] += 1
        self.recorded.append(datetime.fromisoformat(answer.json()["recorded_at"]))

    def _judge(self, mood: Mood, new: list[datetime], promised: datetime, dial: Dial) -> None:
        """Later than every other, later than was promised, and what the clock said unless it was behind."""
        if any(later <= earlier for earlier, later in pairwise(self.recorded)):
            self.broken.append(f"{mood.name}: recorded_at did not increase")
        if new[0] <= promised:
            self.broken.append(f"{mood.name}: a fact was recorded at or before what recorded_through had promised")
        bumped = sum(later - earlier == MICROSECOND for earlier, later in pairwise(new))
        self.counters["recorded behind the clock"] += bumped
        if not mood.behind:
            told = sum(mood.at <= one <= dial.now() + AT_ONCE for one in new)
            self.counters["recorded by an odd clock"] += told
            if told < len(new):
                self.broken.append(f"{mood.name}: {len(new) - told} facts were recorded at another time")


def _recorded_through(course: httpx.Client) -> datetime:
    head = course.get("/v1/audit/events", params={"limit": 1}).json()["head"]
    page = course.get("/v1/audit/events", params={"after": head}).json()
    through = page.get("recorded_through")
    return datetime.fromisoformat(through) if through else datetime(1970, 1, 1, tzinfo=UTC)
