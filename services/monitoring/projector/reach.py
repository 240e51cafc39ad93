"""How far each partition is projected once a batch is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.monitoring.facts import micros_of
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.transport.seam import Delivery
from shared.contracts.v1.feed import FeedItem, Watermark


@dataclass(slots=True)
class Reach:
    """`held` moves with each commit. Of a doubted partition it is not said that nothing is missing."""

    source: str
    held: Mapping[int, Checkpoint]
    doubted: Collection[int] = ()

    def after(self, deliveries: Sequence[Delivery]) -> dict[int, Checkpoint]:
        """Everything recorded before a fact of a partition was delivered before it."""
        new = dict(self.held)
        for delivery in deliveries:
            partition = delivery.mark.partition
            through = new[partition].known_through
            match delivery.content:
                case FeedItem(recorded_at=instant) | Watermark(recorded_through=instant):
                    if partition not in self.doubted:
                        through = max(through, micros_of(instant))
                case _:
                    pass
            new[partition] = Checkpoint(delivery.mark.position, through)
        return new
