"""PostgreSQL commits, and the reply never reaches the course service: a proxy eats it and cuts the connection."""

import time
from contextlib import ExitStack

from tests.chaos.experiment import Experiment, Finding, Run
from tests.chaos.oracle import compare, positions
from tests.chaos.oracle_journal import read
from tests.chaos.oracle_places import in_feed, in_log
from tests.chaos.parts import Client, River, wait_for
from tests.chaos.storage.reply_eater import ReplyEater
from tests.chaos.storage.under_load import refusals
from tests.real_parts.postgres import PostgresServer

STANDSTILL = 60.0  # seconds


def go(run: Run) -> Finding:
    wanted = run.times(100 if run.without else 1000, 12)
    with ExitStack() as stack:
        server = PostgresServer().start()
        stack.callback(server.close)
        river = River(run.folder, postgres=server)
        stack.callback(river.close)
        direct = river.course_db
        eater = ReplyEater(direct, run.seed)
        stack.callback(eater.close)
        river.course_db = eater.url
        river.without["course api"] = ("idempotency",) if run.without else ()
        river.start("course api")
        river.serves("course api")
        eater.eat()
        client = Client(run.folder, river.course_url, "--rate", "300", "--twice", "0", "--seed", str(run.seed))
        stack.callback(client.close)
        told = 0
        while eater.eaten < wanted:
            before = eater.eaten
            wait_for(lambda before=before: eater.eaten > before, lambda: "nothing is committed any more", STANDSTILL)
            if eater.eaten // 100 > told:
                told = eater.eaten // 100
                run.say(f"{eater.eaten} replies eaten")
            time.sleep(0.01)
        eater.stop_eating()
        client.stop()
        journal = read(client.journal)
        stored, feed = list(in_log(direct)), list(in_feed(river.course_url))
    broken = [
        *compare(journal, "log", stored),
        *positions("log", stored),
        *compare(journal, "feed", feed),
        *positions("feed", feed),
        *dict.fromkeys(journal.wrong),
    ]
    counters = {
        "replies eaten": eater.eaten,
        "also at the next try": eater.in_a_row,
        "told to come again": refusals(client.journal),
        "got the original answer": journal.replays,
        "acknowledged": len(journal.acknowledged),
    }
    floors = {"replies eaten": wanted, "got the original answer": wanted // 6}
    return Finding(tuple(broken[:20]), counters, {} if run.without else floors)


EXPERIMENTS = (
    Experiment(
        "lost_replies",
        "A sender whose answer was lost behind a COMMIT gets the original answer when it tries again.",
        go,
        "idempotency off",
    ),
)
