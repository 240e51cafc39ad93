"""Poison in the topic: set aside with its bytes and a reason, while everyone else's facts go on as if nothing were."""

import time
from pathlib import Path

import httpx

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka import checks
from tests.chaos.kafka.injector import Injector
from tests.chaos.kafka.intime import in_time
from tests.chaos.kafka.letters import accounted_for, lags, letters, stamp_times, torn, wrongly_kept, wrongly_left
from tests.chaos.kafka.poisons import KINDS
from tests.chaos.kafka.stage import LAYOUT, Part, Stage, stage
from tests.real_parts import broker

_LARGE = "message.max.bytes=20000000\n"
_RELAY, _CONSUMER = "course relay", "monitoring consume"


@in_time
def go(run: Run) -> Finding:
    broker.prepare()
    with stage(run.folder, broker.KafkaBroker(settings=_LARGE)) as river:
        river.begin([words for words in LAYOUT if words not in {_RELAY, _CONSUMER}])
        stamp_times(river)
        river.add(_RELAY, "damaged_in_kafka")
        # Of an older version, which does not know vaccinations.
        consumer = river.add(_CONSUMER, "old_vocabulary", *(["no_dead_letters"] if run.without else []))
        return _trusting(run, river) if run.without else _careful(run, river, consumer)


def _careful(run: Run, river: Stage, consumer: Part) -> Finding:
    facts, number, rate = run.times(100_000, 200), run.times(1_000, 30), run.times(300, 40)
    seconds, vaccinated = facts / rate, run.times(40, 3)
    with river.load(rate, run.seed) as journal:
        river.flows()
        calm_from = time.time()
        if run.size == "full":
            river.until(lambda: river.recorded - river.projected < rate, "the consumer had caught up", 300)
            calm_from = time.time()
            time.sleep(20)
        began = time.time()
        injector = Injector(river.kafka.bootstrap, river.course_url, number, seconds * 0.8 / number, run.seed)
        injector.start()
        vaccines = _vaccinate(river, vaccinated)
        _recorded(run, river, injector, facts)
        injector.join()
    broken: list[str] = []
    try:
        river.arrives(lambda: accounted_for(river), "all was projected but what waits")
    except TimeoutError as late:
        broken.append(str(late))
    found = letters(river)
    broken += wrongly_kept(injector.sent, found)
    calm, poisoned = lags(river, calm_from, began, injector.treatments | vaccines)
    # A short run has no calm in which to learn what is usual on this machine.
    if run.size == "full" and poisoned.p99 > max(2.0, 5 * calm.p99):
        broken.append(f"The 99th percentile of the others' lag was {poisoned.p99} s, and {calm.p99} s before.")
    consumer.stop()
    broken += _mended(river, injector, journal)
    counters = {"facts": river.recorded, "poison": len(injector.sent), "kinds": injector.kinds}
    counters |= {"torn_in_kafka": torn(injector.sent, found), "unknown_types": len(vaccines)}
    floors = {"facts": facts, "poison": number, "kinds": len(KINDS)}
    floors |= {"torn_in_kafka": facts // 200, "unknown_types": vaccinated}
    left = sum(not one.settled for one in letters(river).values())
    figures = {"lag_p50_before_s": calm.median, "lag_p99_before_s": calm.p99, "letters_of_no_treatment": left}
    return Finding(
        tuple(broken), counters, floors, {**figures, "lag_p50_s": poisoned.median, "lag_p99_s": poisoned.p99}
    )


def _trusting(run: Run, river: Stage) -> Finding:
    """The control: the first record that can't be read stops its partition."""
    number = run.times(100, 30)
    with river.load(40, run.seed):
        river.flows()
        injector = Injector(river.kafka.bootstrap, river.course_url, number, 0.02, run.seed)
        injector.start()
        injector.join()
    broken: list[str] = []
    try:
        river.arrives(lambda: accounted_for(river), "all was projected but what waits", run.times(30, 6))
    except TimeoutError as late:
        broken.append(str(late))
    broken += wrongly_kept(injector.sent, letters(river))
    return Finding(tuple(broken), {"poison": len(injector.sent)}, {"poison": number})


def _recorded(run: Run, river: Stage, injector: Injector, facts: int) -> None:
    told = time.monotonic()
    while river.recorded < facts:
        if time.monotonic() - told > 30:
            told = time.monotonic()
            run.say(f"{river.recorded} facts, {river.projected} projected, {len(injector.sent)} poisoned")
        time.sleep(0.1)


def _vaccinate(river: Stage, number: int) -> set[str]:
    """Facts of a type that this consumer does not know yet, each followed by one that it knows."""
    made = set()
    with httpx.Client(base_url=river.course_url, timeout=30) as client:
        for one in range(number):
            opening = {"identifier": {"system": "urn:chaos:vaccinated", "value": str(one)}, "zone": "Europe/Berlin"}
            treatment = client.post("/v1/treatments", json=opening).json()["treatment"]
            for kind, data in (("VaccineAdministered", {"cvx": "140"}), ("ExamPerformed", {"exam": "skin"})):
                body = {"type": kind, "occurred_at": "2024-05-01T10:00:00Z", "source": "urn:t", "author": "t"}
                client.post(f"/v1/treatments/{treatment}/events", json={**body, "data": data}).raise_for_status()
            made.add(treatment)
    return made


def _mended(river: Stage, injector: Injector, journal: Path) -> list[str]:
    """With the vocabulary of today: unpark and redrive bring back all that the log has."""
    river.add(_CONSUMER)
    commands = [*(f"monitoring unpark {one}" for one in sorted(injector.treatments)), "monitoring redrive"]
    done = {words: river.command(words) for words in commands}
    broken = [f"`{words}` failed: {one.said[-300:]}" for words, one in done.items() if one.returncode]
    try:
        river.caught_up()
        river.until(lambda: not river.monitoring("select count(*) from parked"), "nothing is parked any more", 60)
    except TimeoutError as late:
        broken.append(str(late))
    broken += wrongly_left(river, injector.sent, letters(river))
    # Kafka itself holds what was torn and what was made up.
    return broken + checks.whole(river, [journal], kafka="left out") + checks.rebuilt_the_same(river)


EXPERIMENTS = (
    Experiment(
        "poison",
        "Poison of every kind ends in the dead letters with its bytes and a reason, or parked with its treatment; "
        "nobody else waits for it, and redrive and unpark bring back what can be brought back.",
        go,
        "what can't be read is an error instead of a dead letter",
    ),
)
