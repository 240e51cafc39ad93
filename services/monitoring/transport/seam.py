"""The seam between a transport and the consumer's loop: deliveries come out, marks go back in after the commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.monitoring.facts import Unreadable
from services.monitoring.store.checkpoints import Checkpoint
from shared.contracts.v1.feed import FeedItem, Watermark


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one delivery stood: a feed position, or a Kafka partition's offset."""

    partition: int
    position: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """The bytes as they came, and what they say."""

    mark: Mark
    key: bytes | None
    value: bytes
    content: FeedItem | Watermark | Unreadable


class TransportError(Exception):
    """The other side did not answer, or not as agreed; the consumer tries again with a new transport."""


class Transport(Protocol):
    """`source` names the checkpoints' owner. `poll` raises TransportError; `done` is called after the SQL commit.

    `in_order`: it delivers the whole log in its order; partitions deliver theirs beside each other.
    `held`: the partitions that this process reads now, and where each stands in SQL; a rebalance reads them anew.
    """

    source: str
    in_order: bool
    held: dict[int, Checkpoint]

    def poll(self, timeout: float) -> Sequence[Delivery]: ...

    def done(self, reached: Mapping[int, Checkpoint]) -> None: ...

    def rewind(self) -> None:
        """Reads the whole log once more, where a restored one is not delivered anyway."""
        ...

    def close(self) -> None: ...

    def lag(self) -> int | None:
        """How many facts are recorded and not yet polled; None where that is not known."""
        ...


class Gaps(Protocol):
    """Asks the course service's feed for one treatment's range (docs/contract.md §1.6)."""

    def __call__(self, treatment: str, after_version: int) -> Sequence[Delivery]: ...
