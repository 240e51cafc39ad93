"""A delivery that brings out a defect is set aside alone; what may have been a treatment's last fact is asked for."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import exc, select

from services.monitoring.facts import Unreadable
from services.monitoring.projector import Projected, Projector, careful
from services.monitoring.projector.missing import Missing
from services.monitoring.projector.reach import Reach
from services.monitoring.store import checkpoints
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.store.tables import dead_letter
from services.monitoring.transport.seam import Delivery, Mark, TransportError
from shared.contracts.v1.feed import Watermark
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.logbook import Logbook
from tests.monitoring.stores import projection, projector
from tests.scenario import treated


class Stumbling(Projector):
    """Stands in for a defect: one fact can't be projected, whatever else is in the batch."""

    stumbles_over = ""

    def project(self, deliveries: Sequence[Delivery], *rest: Any, **how: Any) -> Projected:
        if any(getattr(one.content, "fact_id", None) == self.stumbles_over for one in deliveries):
            raise OverflowError("a defect")
        return super().project(deliveries, *rest, **how)


def stumbling(store: Database, over: str) -> Stumbling:
    made = projector(store)
    made.__class__ = Stumbling
    assert isinstance(made, Stumbling)
    made.stumbles_over = over
    return made


def test_the_delivery_at_fault_becomes_a_dead_letter_and_all_others_are_projected(store: Database) -> None:
    log = Logbook(people()[0].facts, people()[4].facts)
    last = log.deliveries[-1]
    reach = Reach("feed", checkpoints.claim(store, "feed", [0]))
    careful.project(stumbling(store, last.content.fact_id), log.deliveries, reach, in_order=True)  # type: ignore[union-attr]
    assert len(projection(store)["fact"]) == len(log.facts) - 1
    assert reach.held[0].position == last.mark.position
    with store.read() as connection:
        (letter,) = connection.execute(select(dead_letter)).all()
    assert letter.value == last.value
    assert letter.reason.startswith("could not be projected (OverflowError)")


def test_a_store_that_is_down_is_no_deliverys_fault(store: Database) -> None:
    log = Logbook(treated("2024-05-15").facts)

    class Down(Projector):
        def project(self, *_: Any, **__: Any) -> Projected:
            raise exc.OperationalError("", {}, Exception())

    at_work = projector(store)
    at_work.__class__ = Down
    reach = Reach("feed", checkpoints.claim(store, "feed", [0]))
    with pytest.raises(exc.OperationalError):
        careful.project(at_work, log.deliveries, reach, in_order=True)
    assert reach.held[0].position == 0


def test_a_torn_last_fact_is_fetched_from_the_feed_and_until_then_nothing_is_vouched_for(store: Database) -> None:
    log = Logbook(treated("2024-05-15").facts)
    last = log.deliveries[-1]
    at_work = projector(store)
    at_work.project(log.deliveries[:-1])
    torn = Delivery(Mark(3, 9), last.key, last.value[:-9], Unreadable("torn"))
    reachable = False

    def feed(treatment: str, after_version: int) -> list[Delivery]:
        if not reachable:
            raise TransportError("no answer")
        return log.range(treatment, after_version)

    missing = Missing(at_work, feed, lambda _: None)
    missing.doubt([torn])
    missing.fill(Projected())
    assert missing.doubted == {3}
    later = Watermark(len(log.facts), log.deliveries[-1].content.recorded_at)  # type: ignore[union-attr]
    held = {3: Checkpoint(0, 0)}
    assert Reach("kafka", held, missing.doubted).after([Delivery(Mark(3, 10), None, b"", later)])[3].known_through == 0

    reachable = True
    missing.fill(Projected())
    assert missing.doubted == set()
    assert len(projection(store)["fact"]) == len(log.facts)
