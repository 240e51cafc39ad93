"""Two relays at once under load: the one that sends is killed, stopped or frozen past its lease and woken."""

import signal
from pathlib import Path

from sqlalchemy import create_engine, text

from services.course.relay import BATCH
from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.kafka import checks
from tests.chaos.kafka.intime import in_time
from tests.chaos.kafka.sessions import holds_a_lock
from tests.chaos.kafka.stage import LAYOUT, Part, Stage, stage
from tests.chaos.oracle_places import in_kafka

RELAY = "course relay"
_NOTICED = """
create table went_back (was bigint, became bigint);
create function notice() returns trigger language plpgsql as
  $$ begin insert into went_back values (old.position, new.position); return new; end $$;
create trigger notice before update on relay for each row when (new.position < old.position) execute function notice();
"""


class Relays:
    """Two of them, and which one sends."""

    def __init__(self, river: Stage, patches: list[str]) -> None:
        self._river = river
        self._engine = create_engine(river.course_db)
        with self._engine.begin() as connection:
            connection.execute(text(_NOTICED))
        self.both = [river.add(RELAY, *patches) for _ in range(2)]

    def active(self) -> Part | None:
        """The one that holds the lease."""
        return next((one for one in self.both if holds_a_lock(self._engine, one.process.pid)), None)

    def sending(self) -> Part:
        self._river.until(lambda: self.active() is not None, "one relay held the lease")
        return self.active() or self.both[0]

    @property
    def epoch(self) -> int:
        return self._river.course("select epoch from relay")

    def until_taken_over(self, epoch: int) -> float:
        """Until another relay has the lease and sends; how long the first took."""
        after = self._river.until(lambda: self.epoch > epoch, "the other relay took over")
        sent = self._sent
        self._river.until(lambda: self._sent > sent, "the other relay sent")
        return after

    @property
    def _sent(self) -> int:
        return self._river.course("select position from relay")

    @property
    def went_back(self) -> int:
        return self._river.course("select count(*) from went_back")


@in_time
def go(run: Run) -> Finding:
    faults = run.times(36, 3) if not run.without else run.times(6, 3)
    with stage(run.folder) as river:
        river.begin([words for words in LAYOUT if words != RELAY])
        relays = Relays(river, ["no_fence"] if run.without else ["quick_lease"])
        with river.load(run.times(150, 40), run.seed) as journal:
            river.flows()
            broken, took_over, woken = _faults(run, river, relays, faults)
        broken += _settled(river, [journal])
        records = [one.fact_id for one in in_kafka(river.kafka.bootstrap)]
        doubles, back = len(records) - len(set(records)), relays.went_back
    if back:
        broken.append(f"The checkpoint went back {back} times: a relay without the lease had moved it.")
    if doubles > faults * BATCH:
        broken.append(f"{doubles} records stand in Kafka twice, more than a batch for each relay that was lost.")
    counters = {"faults": faults, "taken_over": len(took_over), "woken": woken, "facts": len(set(records))}
    floors = {"facts": 100} if run.without else {"taken_over": faults, "woken": faults // 3, "facts": faults * 20}
    figures = {"doubles": doubles, "taken_over_after_at_most_s": round(max(took_over, default=0.0), 1)}
    return Finding(tuple(broken), counters, floors, figures)


def _faults(run: Run, river: Stage, relays: Relays, number: int) -> tuple[list[str], list[float], int]:
    """What broke, how long each taking over took, and how many relays were woken after they had lost the lease."""
    draw, woken, took_over = run.random, 0, []
    for done in range(number):
        _flow(river, draw.randint(20, run.times(150, 30)))
        if run.without:
            _freeze_either(river, relays.both[done % 2])
            continue
        at_work, epoch = relays.sending(), relays.epoch
        # The first ones of each kind in turn, so that a short run has them all.
        kind = ("freeze", "kill", "stop")[done] if done < 3 else draw.choice(("freeze", "freeze", "kill", "stop"))
        _lost(at_work, kind)
        try:
            took_over.append(relays.until_taken_over(epoch))
        except TimeoutError as late:
            return [str(late)], took_over, woken
        if kind == "freeze":
            at_work.send(signal.SIGCONT)
            woken += 1
        else:
            at_work.start()
        if done % 6 == 5:
            run.say(f"{done + 1} of {number} faults, {river.recorded} facts recorded")
    return [], took_over, woken


def _lost(relay: Part, kind: str) -> None:
    match kind:
        case "freeze":
            relay.send(signal.SIGSTOP)
        case "kill":
            relay.kill()
        case _:
            relay.stop()


def _freeze_either(river: Stage, one: Part) -> None:
    one.send(signal.SIGSTOP)
    _flow(river, 60)
    one.send(signal.SIGCONT)


def _flow(river: Stage, facts: int) -> None:
    until = river.recorded + facts
    river.until(lambda: river.recorded >= until, "facts were recorded")


def _settled(river: Stage, journals: list[Path]) -> list[str]:
    try:
        river.arrives(lambda: river.course("select position from relay"), "the whole log was sent")
        river.caught_up()
    except TimeoutError as late:
        return [str(late)]
    return checks.whole(river, journals) + checks.rebuilt_the_same(river)


EXPERIMENTS = (
    Experiment(
        "two_relays",
        "Of two relays one sends; when it is killed, stopped or frozen the other takes over, and one that is woken "
        "too late moves nothing: Kafka has every fact, each treatment's in its order.",
        go,
        "the fence: no lock, and a checkpoint that anybody moves",
    ),
)
