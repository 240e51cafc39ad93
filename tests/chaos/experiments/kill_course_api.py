"""kill -9 of the course service at random moments under load, on SQLite and on PostgreSQL."""

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import EMBEDDED, WHOLE, Scene, scene, verdict
from tests.chaos.parts import kafka, postgres

PROMISE = "What the course service acknowledged is there once, in order, however often it is killed."
PART = "course api"


def on_sqlite(run: Run) -> Finding:
    with scene(run, EMBEDDED, _rate(run), _load(run), without=_without(run)) as on:
        return _kill_many(on)


def on_postgresql(run: Run) -> Finding:
    with scene(run, WHOLE, _rate(run), _load(run), postgres=postgres(), kafka=kafka(), without=_without(run)) as on:
        return _kill_many(on)


def _kill_many(on: Scene) -> Finding:
    run = on.run
    kills = run.times(60, 3) if run.without else run.times(500, 3)
    while len(on.kills) < kills:
        on.let_flow(20, run.times(250, 60))
        _kill(on)
        on.say_how_far(len(on.kills), kills)
    return verdict(on, kills=kills)


def _kill(on: Scene) -> None:
    # What was in flight is read from the client's journal afterwards.
    on.kills.at.append(on.river.kill(PART))
    on.kill_while_it_recovers(lambda: on.river.kill(PART), lambda: on.river.start(PART), 0.15)
    on.river.start(PART)
    on.river.serves(PART)


def _rate(run: Run) -> int:
    return run.times(600, 120)


def _load(run: Run) -> tuple[str, ...]:
    """In the control only what failed is sent again: what is stored twice then, the kills have brought about."""
    return ("--twice", "0") if run.without else ()


def _without(run: Run) -> dict[str, tuple[str, ...]]:
    return {PART: ("idempotency", "slow_answers")} if run.without else {}


EXPERIMENTS = (
    Experiment(
        "kill_course_api_sqlite",
        PROMISE,
        on_sqlite,
        "idempotency off",
    ),
    Experiment(
        "kill_course_api_postgresql",
        PROMISE,
        on_postgresql,
        "idempotency off",
    ),
)
