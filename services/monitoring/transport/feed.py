"""The course service's feed as a transport, and as the place where a gap's missing range is asked for."""

from collections.abc import Callable, Mapping, Sequence

import httpx
import msgspec

from services.monitoring.facts import read_item
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.transport.seam import Delivery, Mark, TransportError
from shared.contracts.v1.feed import FeedItem, Watermark

SOURCE = "feed"
_PARTITION = 0
_PATH = "/v1/audit/events"


class _Page(msgspec.Struct, frozen=True):
    """A page whose events stay bytes, so that one unreadable event doesn't spoil the page."""

    events: list[msgspec.Raw]
    next_after: int
    head: int
    recorded_through: str | None


_PAGES = msgspec.json.Decoder(_Page)


class Feed:
    """Pages of the feed over HTTP; every failure is a TransportError whose text says what did not work.

    `patience`: seconds for an answer, beside those that a page is asked to wait for.
    """

    def __init__(self, course_url: str, *, limit: int = 500, patience: float = 10) -> None:
        self._limit = limit
        self._patience = patience
        self._client = httpx.Client(base_url=course_url, trust_env=False)

    def page(self, *, after: int, wait: int = 0, limit: int | None = None) -> _Page:
        return self._get({"after": after, "limit": limit or self._limit, "wait": wait}, wait)

    def treatment(self, treatment: str, after_version: int) -> list[Delivery]:
        """One treatment's facts after a version, whole; what a consumer asks on a gap (docs/contract.md §1.6)."""
        found: list[Delivery] = []
        while True:
            page = self._get({"treatment": treatment, "after_version": after_version, "limit": self._limit}, 0)
            deliveries = [_delivery(bytes(event)) for event in page.events]
            found += deliveries
            versions = [d.content.version for d in deliveries if isinstance(d.content, FeedItem)]
            if len(deliveries) < self._limit or not versions:
                return found
            after_version = max(versions)

    def close(self) -> None:
        self._client.close()

    def _get(self, query: dict[str, str | int], wait: int) -> _Page:
        try:
            response = self._client.get(_PATH, params=query, timeout=httpx.Timeout(self._patience + wait, connect=2))
        except httpx.HTTPError as error:
            raise TransportError(
                f"the course service's feed did not answer ({type(error).__name__}): start `coursewatch course api`, "
                "or say where it is with COURSEWATCH_COURSE_URL"
            ) from error
        if response.status_code != httpx.codes.OK:
            raise TransportError(f"the course service's feed answered {response.status_code}")
        try:
            return _PAGES.decode(response.content)
        except msgspec.DecodeError as error:
            raise TransportError("the course service's feed answered what is no feed page") from error


class FeedTransport:
    """The log in order, from the last position projected; one partition."""

    source = SOURCE
    in_order = True

    def __init__(self, feed: Feed, checkpoint: Callable[[str, Sequence[int]], dict[int, Checkpoint]]) -> None:
        self._feed = feed
        self.held = checkpoint(SOURCE, [_PARTITION])
        self._after = self.held[_PARTITION].position
        self._head: int | None = None

    def poll(self, timeout: float) -> list[Delivery]:
        """Up to a page of facts, then a watermark; waits `timeout` seconds where nothing is new."""
        page = self._feed.page(after=self._after, wait=round(timeout))
        self._head = page.head
        if page.head < self._after:
            # The log is shorter than what was projected: it was restored. Read it all again; what was recorded
            # anew since then has another fact id at the same version and is parked.
            self._after = 0
            return self.poll(0)
        deliveries = [_delivery(bytes(event), after) for after, event in enumerate(page.events, self._after + 1)]
        through = page.recorded_through if page.next_after >= page.head else None
        if through is not None:
            water = Watermark(position=page.next_after, recorded_through=through)
            deliveries.append(Delivery(Mark(_PARTITION, page.next_after), None, b"", water))
        self._after = max(page.next_after, self._after)
        return deliveries

    def done(self, reached: Mapping[int, Checkpoint]) -> None:
        """The checkpoint lives in SQL: nothing to tell the course service."""
        self.held.update(reached)

    def rewind(self) -> None:
        self._after = 0

    def lag(self) -> int | None:
        return None if self._head is None else max(0, self._head - self._after)

    def close(self) -> None:
        self._feed.close()


def _delivery(value: bytes, position: int = 0) -> Delivery:
    content = read_item(value)
    if isinstance(content, FeedItem):
        position = content.position
    return Delivery(Mark(_PARTITION, position), None, value, content)
