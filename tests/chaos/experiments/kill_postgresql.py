"""kill -9 of all of PostgreSQL under load: what it promised to its clients, and how they come back by themselves."""

from contextlib import ExitStack

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.killing import WHOLE, Scene, ended, scene, verdict
from tests.chaos.parts import kafka, wait_for
from tests.real_parts.postgres import PostgresServer

# All that a killed server left is synced at once, not file by file: a tenth of the time, and no less durable.
SYNC = "recovery_init_sync_method=syncfs"
HASTY = "synchronous_commit=off"


def go(run: Run) -> Finding:
    kills = run.times(30 if run.without else 300, 2)
    # In the control every part is made to start on such a server, which it would else refuse.
    without = dict.fromkeys(WHOLE, ("durability_check",)) if run.without else {}
    with ExitStack() as stack:
        server = PostgresServer(*((SYNC, HASTY) if run.without else (SYNC,))).start()
        stack.callback(server.close)
        on = stack.enter_context(
            scene(run, WHOLE, run.times(600, 120), postgres=server, kafka=kafka(), without=without)
        )
        while len(on.kills) < kills:
            on.let_flow(20, run.times(250, 60))
            _kill(on, server)
            on.say_how_far(len(on.kills), kills)
        # What was lost tears the log from what was already read of it: nothing comes to rest there.
        return verdict(on, kills=kills, settle=not run.without, more=lambda _: ended(on))


def _kill(on: Scene, server: PostgresServer) -> None:
    before = on.progress.recorded()
    on.kills.at.append(server.kill())
    on.kill_while_it_recovers(server.kill, server.launch, 0.5)
    server.start()
    wait_for(lambda: on.progress.recorded() > before, lambda: on.river.trouble("course api"))


EXPERIMENTS = (
    Experiment(
        "kill_postgresql",
        "However often PostgreSQL is killed, what was acknowledged is there once, everywhere, and no part needs a "
        "restart.",
        go,
        "waiting for the disk at each commit (synchronous_commit=off)",
    ),
)
