"""From the acknowledged post to the announcement on the stream, beside a bare round trip through the same broker."""

import itertools
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import httpx
from sqlalchemy import make_url

from services.monitoring.rules.calendar import add_months
from tests.benchmarks import servers
from tests.benchmarks.frame import Bench, Benchmark, Goal, Measured, interleaved, quantile
from tests.benchmarks.memory import Memory
from tests.benchmarks.watching import PATIENCE, Poster, RoundTrip, Stream, steadily

RATE = 50
MONTHS = range(2, 22)  # slots of a treatment that the posts fill, one each
BYTES = 700  # of a fact's record


def go(bench: Bench) -> Measured:
    a_round, rate = bench.times(500, 15), bench.times(RATE, 15)
    rounds = bench.rounds()
    patients = -(-a_round * (rounds + 1) // len(MONTHS))
    course_db, monitoring_db, kafka = bench.stores.database(), bench.stores.database(), bench.stores.kafka()
    spent: dict[str, list[float]] = {"on the stream": [], "bare round trip": []}
    infused = datetime.now(UTC).date() - timedelta(days=800)
    with ExitStack() as stack:
        memory = stack.enter_context(Memory())
        course = stack.enter_context(servers.course(course_db, bench.folder))
        settings = {
            "COURSEWATCH_KAFKA": kafka,
            "COURSEWATCH_COURSE_URL": course.url,
            "COURSEWATCH_COURSE_DB": course_db,
            "COURSEWATCH_MONITORING_DB": monitoring_db,
        }
        monitoring = stack.enter_context(servers.monitoring(monitoring_db, bench.folder, settings))
        parts = {
            "course api": course,
            "relay": stack.enter_context(servers.relay(bench.folder, settings)),
            "consumer": stack.enter_context(servers.consumer(bench.folder, settings)),
            "monitoring api": monitoring,
        }
        for name, server in parts.items():
            memory.watch(name, server.pid)
        memory.watch("PostgreSQL", port=make_url(course_db).port)
        targets = servers.opened(course.url, patients)
        _infuse(course.url, targets, infused)
        _caught_up(monitoring, targets)
        bench.say(f"{patients} patients were infused and are judged")
        poster = Poster(course.port, targets, [str(add_months(infused, month)) for month in MONTHS])
        stack.callback(poster.close)
        trip = RoundTrip(kafka, BYTES)
        stack.callback(trip.close)
        stream = stack.enter_context(Stream(monitoring.port))
        posted, sent = itertools.count(), itertools.count()

        def ours() -> float:
            told = steadily(poster.post, next(posted) * a_round, a_round, rate)
            return p99("on the stream", stream.arrivals.after(told))

        def bare() -> float:
            told = steadily(trip.send, next(sent) * a_round, a_round, rate)
            return p99("bare round trip", trip.arrivals.after(told))

        def p99(name: str, latencies: list[float]) -> float:
            spent[name] += latencies
            return quantile(latencies, 0.99)

        sides = interleaved(
            {"on the stream": ours, "bare round trip": bare}, rounds, warm_up=min(1, rounds - 1), say=bench.say
        )
        peaks = memory.peaks()
    medians = {f"median, {name}, ms": round(quantile(all_, 0.5), 1) for name, all_ in spent.items()}
    counts = {"patients": patients, "posts of a round": a_round, "posts a second": rate, **medians}
    goals = (Goal("on the stream", "bare round trip", at_most=3),)
    return Measured(sides, dict.fromkeys(sides, "ms (p99)"), goals, (), peaks, counts)


def _infuse(url: str, targets: list[str], on: date) -> None:
    facts = [
        {
            "type": "InfusionAdministered",
            "treatment": target,
            "message_id": f"infusion-{target}",
            "occurred_at": f"{on}T10:00:00+01:00",
            "source": "urn:hospital:ward",
            "author": "nurse-7",
            "data": {"dose_mg": 12},
        }
        for target in targets
    ]
    answer = httpx.post(f"{url}/v1/events", json=facts, timeout=PATIENCE).raise_for_status()
    assert answer.json()["counts"] == {"201": len(targets)}


def _caught_up(monitoring: servers.Server, targets: list[str]) -> None:
    """Until every treatment's infusion is projected; what its dates brought is told before that."""

    def judged() -> bool:
        answer = httpx.get(f"{monitoring.url}/v1/obligations/summary", timeout=PATIENCE)
        return answer.status_code == 200 and answer.json()["treatments"] == len(targets)

    monitoring.until(judged)


BENCHMARKS = (
    Benchmark(
        "stream",
        f"p99 from the acknowledged post to the event on the stream, {RATE} facts a second, PostgreSQL and Kafka",
        go,
    ),
)
