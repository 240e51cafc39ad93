"""kill -9 of the course service at random moments under load, on SQLite and on PostgreSQL."""

from collections.abc import Sequence
from functools import partial

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import EMBEDDED, WHOLE, Scene, scene, verdict

PROMISE = "What the course service acknowledged is there once, in order, however often it is killed."
PART = "course api"


def go(run: Run, parts: Sequence[str], postgres: Sequence[str] | None) -> Finding:
    kills = run.times(60, 5) if run.without else run.times(500, 5)
    # In the control only what failed is sent again: what is stored twice then, the kills have brought about.
    load = ("--twice", "0") if run.without else ()
    with scene(run, parts, load, postgres=postgres, without=_without(run)) as on:
        while len(on.kills) < kills:
            on.let_flow(20, 250)
            _kill(on)
            on.say_how_far(len(on.kills), kills)
        return verdict(on, kills=kills)


def _kill(on: Scene) -> None:
    # What was in flight is read from the client's journal afterwards.
    on.kills.at.append(on.river.kill(PART))
    on.kill_while_it_recovers(lambda: on.river.kill(PART), lambda: on.river.start(PART), 0.15)
    on.river.start(PART)
    on.river.serves(PART)


def _without(run: Run) -> dict[str, tuple[str, ...]]:
    return {PART: ("idempotency",)} if run.without else {}


EXPERIMENTS = (
    Experiment(
        "kill_course_api_sqlite",
        PROMISE,
        partial(go, parts=EMBEDDED, postgres=None),
        "idempotency off",
    ),
    Experiment(
        "kill_course_api_postgresql",
        PROMISE,
        partial(go, parts=WHOLE, postgres=()),
        "idempotency off",
    ),
)
