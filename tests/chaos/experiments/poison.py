"""Poison in the topic: set aside with its bytes and a reason, while everyone else's facts go on as if nothing were."""

import time
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka import checks
from tests.chaos.kafka.injector import Injector
from tests.chaos.kafka.poisons import KINDS
from tests.chaos.kafka.stage import LAYOUT, Stage, stage
from tests.real_parts import broker

_LARGE = "message.max.bytes=20000000\n"
_RATE = 400
_AT = "2024-05-01T10:00:00Z"
_CONSUMER = "monitoring consume"


def go(run: Run) -> Finding:
    broker.prepare()
    with stage(run.folder, broker.KafkaBroker(settings=_LARGE)) as river:
        try:
            return _go(run, river)
        except TimeoutError as late:
            return Finding((str(late),), {"facts": river.recorded}, {"facts": 1})


def _go(run: Run, river: Stage) -> Finding:
    facts = run.times(100_000, 500) if not run.without else run.times(5_000, 500)
    number = run.times(1_000, 30) if not run.without else run.times(100, 30)
    river.begin([words for words in LAYOUT if words not in {"course relay", _CONSUMER}])
    _time_stamped(river)
    river.add("course relay", "damaged_in_kafka")
    consumer = river.add(_CONSUMER, "old_vocabulary", *(["no_dead_letters"] if run.without else []))
    rate = run.times(_RATE, 100)
    seconds = facts / rate
    with river.load(rate, run.seed) as journal:
        patience = 15 if run.without else 60 + seconds
        river.until(lambda: river.projected > facts / 10, "the first facts were projected", patience)
        river.until(lambda: river.recorded - river.projected < rate, "the consumer had caught up", 60 + seconds)
        calm_from = time.time()
        time.sleep(run.times(20, 1))
        began = time.time()
        injector = Injector(river.kafka.bootstrap, river.course_url, number, seconds * 0.8 / number, run.seed)
        injector.start()
        vaccines = _vaccinate(river, run.times(40, 3))
        _progress(run, river, injector, facts)
        injector.join()
    broken: list[str] = []
    try:
        river.until(lambda: _waiting(river) >= river.recorded, "all was projected but what waits", 20 + seconds / 4)
    except TimeoutError as late:
        broken.append(str(late))
        if run.without:
            return Finding(tuple(broken), {"poison": len(injector.sent)}, {"poison": number})
    letters = _letters(river)
    broken += _set_aside(injector, letters)
    calm, poisoned = _lags(river, calm_from, began, injector.treatments | vaccines)
    if poisoned[1] > max(2.0, 5 * calm[1]):
        broken.append(f"The 99th percentile of the others' lag was {poisoned[1]} s, and {calm[1]} s before.")
    damaged = _torn(letters, injector)
    consumer.stop()
    river.add(_CONSUMER)
    broken += _mended(river, injector, [journal])
    return Finding(
        tuple(broken),
        {
            "facts": river.recorded,
            "poison": len(injector.sent),
            "kinds": injector.kinds,
            "torn_in_kafka": damaged,
            "unknown_types": len(vaccines),
        },
        {
            "facts": facts,
            "poison": number,
            "kinds": 28,
            "torn_in_kafka": facts // 200,
            "unknown_types": run.times(40, 3),
        },
        {
            "lag_p50_before_s": calm[0],
            "lag_p99_before_s": calm[1],
            "lag_p50_s": poisoned[0],
            "lag_p99_s": poisoned[1],
            "letters_left": river.monitoring("select count(*) from dead_letter where resolved_at is null"),
        },
    )


def _floors(run: Run, facts: int, number: int) -> dict[str, int]:
    kinds, unknown = len(KINDS), run.times(40, 3)
    return {"facts": facts, "poison": number, "kinds": kinds, "torn_in_kafka": facts // 200, "unknown_types": unknown}


def _progress(run: Run, river: Stage, injector: Injector, facts: int) -> None:
    ending = time.monotonic() + facts / _RATE * 2 + 60
    told = time.monotonic()
    while river.recorded < facts:
        if time.monotonic() > ending:
            raise TimeoutError(f"Only {river.recorded} facts were recorded.")
        if time.monotonic() - told > 30:
            told = time.monotonic()
            run.say(f"{river.recorded} facts, {river.projected} projected, {len(injector.sent)} poisoned")
        time.sleep(0.1)


def _time_stamped(river: Stage) -> None:
    """PostgreSQL notes when each fact was projected."""
    _execute(river, "alter table fact add column projected_at timestamptz not null default clock_timestamp()")


def _execute(river: Stage, statement: str) -> None:
    engine = create_engine(river.monitoring_db)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _rows(river: Stage, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(river.monitoring_db)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def _vaccinate(river: Stage, number: int) -> set[str]:
    """Facts of a type that this consumer does not know yet, each followed by one that it knows."""
    made = set()
    with httpx.Client(base_url=river.course_url, timeout=30) as client:
        for one in range(number):
            opening = {"identifier": {"system": "urn:chaos:vaccinated", "value": str(one)}, "zone": "Europe/Berlin"}
            treatment = client.post("/v1/treatments", json=opening).json()["treatment"]
            for kind, data in (("VaccineAdministered", {"cvx": "140"}), ("ExamPerformed", {"exam": "skin"})):
                body = {
                    "type": kind,
                    "occurred_at": "2024-05-01T10:00:00Z",
                    "source": "urn:t",
                    "author": "t",
                    "data": data,
                }
                client.post(f"/v1/treatments/{treatment}/events", json=body).raise_for_status()
            made.add(treatment)
    return made


def _waiting(river: Stage) -> int:
    """Facts that are projected, or parked, or set aside as of an unknown type."""
    unknown = "select count(*) from dead_letter where resolved_at is null and reason like '`type` is none%'"
    parked = "select count(*) from parked p where not exists (select 1 from fact f where f.fact_id = p.fact_id)"
    real = f"{parked} and reason <> 'failed'"
    return river.projected + river.monitoring(real) + river.monitoring(unknown)


def _letters(river: Stage) -> dict[tuple[int, int], tuple[bytes, str]]:
    found = _rows(river, "select partition, position, value, reason from dead_letter")
    return {(int(str(p)), int(str(at)) - 1): (bytes(value), str(reason)) for p, at, value, reason in found}  # type: ignore[call-overload]


def _set_aside(injector: Injector, letters: dict[tuple[int, int], tuple[bytes, str]]) -> list[str]:
    broken = []
    for sent in injector.sent:
        letter = letters.get((sent.partition, sent.offset))
        if sent.poison.ends == "parked":
            continue
        if letter is None:
            broken.append(f"No dead letter was kept of {sent.poison.kind}.")
        elif letter[0] != (sent.poison.value or b"") or not letter[1]:
            broken.append(f"The dead letter of {sent.poison.kind} has other bytes or no reason.")
    return sorted(set(broken))


def _torn(letters: dict[tuple[int, int], tuple[bytes, str]], injector: Injector) -> int:
    ours = {(sent.partition, sent.offset) for sent in injector.sent}
    return sum(place not in ours and "type` is none" not in reason for place, (_, reason) in letters.items())


def _lags(
    river: Stage, calm_from: float, began: float, special: set[str]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Median and 99th percentile of recorded -> projected, in seconds, before the poison and with it."""
    query = "select treatment, recorded_at / 1e6, extract(epoch from projected_at) from fact"
    calm, poisoned = [], []
    for treatment, recorded, projected in _rows(river, query):
        at = float(str(recorded))
        if treatment not in special and at >= calm_from:
            (calm if at < began else poisoned).append(float(str(projected)) - at)
    return _percentiles(calm), _percentiles(poisoned)


def _percentiles(lags: list[float]) -> tuple[float, float]:
    lags.sort()
    return (round(lags[len(lags) // 2], 3), round(lags[int(len(lags) * 0.99)], 3)) if lags else (0.0, 0.0)


def _mended(river: Stage, injector: Injector, journals: list[Path]) -> list[str]:
    """With the vocabulary of today: redrive and unpark bring back all that the log has."""
    done = river.command("monitoring redrive")
    broken = [] if done.returncode == 0 else [f"redrive failed: {done.stderr[-300:]}"]
    for treatment in sorted(injector.treatments):
        done = river.command(f"monitoring unpark {treatment}")
        if done.returncode:
            broken.append(f"unpark failed: {done.stderr[-300:]}")
    try:
        river.caught_up()
        river.until(lambda: not river.monitoring("select count(*) from parked"), "nothing is parked any more", 20)
    except TimeoutError as late:
        broken.append(str(late))
    return broken + checks.whole(river, journals, kafka="left out") + checks.rebuilt_the_same(river)


EXPERIMENTS = (
    Experiment(
        "poison",
        "Poison of every kind ends in the dead letters with its bytes and a reason, or parked with its treatment; "
        "nobody else waits for it, and redrive and unpark bring back what can be brought back.",
        go,
        "what can't be read is an error instead of a dead letter",
    ),
)
