"""From deliveries to stored spans and announcements, exactly once: one SQL transaction a batch.

The effect of a fact is keyed by (treatment, version). Order, repetition and batch split of what is delivered make no
difference to the rows; a crash leaves the whole batch or nothing of it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock

from sqlalchemy import Connection, func, select, update

from services.monitoring.editions import BEGINNING, Editions
from services.monitoring.facts import EPOCH, Unreadable, micros, micros_of
from services.monitoring.projector.batch import Batch
from services.monitoring.projector.parking import Parking
from services.monitoring.projector.states import States, day_in
from services.monitoring.rules.edition import Edition
from services.monitoring.store import checkpoints, letters
from services.monitoring.store.announcements import lock_stream
from services.monitoring.store.checkpoints import Checkpoint
from services.monitoring.store.editions import behind, refresh, waiting_since
from services.monitoring.store.tables import stream, treatment
from services.monitoring.transport.seam import Delivery
from shared.clock import Clock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database

_DAY = timedelta(days=1)
_TREATMENTS = 100  # that follow an activation in one transaction


@dataclass(frozen=True, slots=True)
class Advance:
    """The checkpoints that a batch moves, by partition: compare with `old`, set to `new`."""

    source: str
    old: Mapping[int, Checkpoint]
    new: Mapping[int, Checkpoint]


@dataclass(frozen=True, slots=True)
class Projected:
    """What a batch did. `gaps`: treatments that wait for missing versions -> the last version that they have."""

    applied: int = 0
    announced: int = 0
    gaps: Mapping[str, int] = field(default_factory=dict)


class Projector:
    """Thread-safe; several processes may share a PostgreSQL: the stream's row lets one transaction write at a time.

    `announce=False` is a rebuild's silence. `publish` marks what Kafka must be told. `states`: how many treatments
    are kept in memory. `told` gets the number of announcements by kind after each commit.
    """

    def __init__(
        self,
        database: Database,
        editions: Mapping[str, Edition],
        clock: Clock,
        *,
        announce: bool = True,
        publish: bool = False,
        states: int = 1000,
        told: Callable[[Mapping[str, int]], None] = lambda _: None,
    ) -> None:
        self.database = database
        self._editions = Editions.of(editions)
        self._clock = clock
        self._announce = announce
        self._publish = publish
        self._told = told
        self._states = States(states)
        self._generation = 0
        self._stuck: set[str] = set()
        self._lock = RLock()

    def project(
        self, deliveries: Sequence[Delivery], advance: Advance | None = None, *, in_order: bool = True
    ) -> Projected:
        """Applies what is new, parks what does not fit yet, buries what can't be read.

        `in_order`: all facts of the log come in its order, so that nobody's earlier facts are still on their way.
        Raises CheckpointLostError when another consumer has moved the checkpoint: nothing was written then.
        """
        readable = [(d.content, d.value) for d in deliveries if isinstance(d.content, FeedItem)]
        readable.sort(key=lambda pair: pair[0].position)
        latest = max((micros_of(item.recorded_at) for item, _ in readable), default=0)
        now = micros(self._clock.now())
        with self._transaction(_horizon(latest), in_order=in_order) as batch:
            if advance is not None:
                checkpoints.advance(batch.connection, advance.source, advance.old, advance.new)
                letters.bury(batch.connection, _letters(advance.source, deliveries), now)
            batch.load(item.treatment for item, _ in readable)
            for item, value in readable:
                batch.receive(item, value)
            gaps = batch.parking.gaps()
            known = {name: batch.touched[name].version for name in gaps if name in batch.touched}
            versions = _versions(batch.connection, [name for name in gaps if name not in known]) | known
            batch.parking.write(now)
        return Projected(len(batch.facts), batch.told.total(), versions)

    def gaps(self) -> Mapping[str, int]:
        """Treatments that wait for missing versions -> the last version that they have; a look without the lock."""
        with self.database.read() as connection:
            names = Parking(connection).gaps()
        return self.versions(names)

    def versions(self, names: Collection[str]) -> Mapping[str, int]:
        """The last version projected of each of these treatments, 0 for one that is not known."""
        if not names:
            return {}
        with self.database.read() as connection:
            return _versions(connection, names)

    def dates_wait(self, now: datetime) -> bool:
        """Whether some clinic's calendar has something to tell; a cheap look without the lock."""
        query = select(treatment.c.zone).where(treatment.c.next_change_on <= _horizon(micros(now)))
        query = query.add_columns(func.min(treatment.c.next_change_on)).group_by(treatment.c.zone)
        with self.database.read() as connection:
            return any(day <= day_in(zone, now).toordinal() for zone, day in connection.execute(query))

    def run_dates(self, now: datetime) -> int:
        """Announces what the dates brought about until each clinic's today; answers how many announcements."""
        with self._transaction(_horizon(micros(now))) as batch:
            batch.run_to(now, now)
            batch.numbering.forget_old(batch.connection, micros(now))
        return batch.told.total()

    def follow_editions(self) -> int:
        """Gives the treatments the editions that were activated, as soon as nothing recorded before is missing.

        A hundred in a transaction; answers how many.
        """
        with self.database.read() as connection:
            if waiting_since(connection) is None:
                return 0
            refresh(connection, self._editions)
            reached = checkpoints.least_known_through(connection)
        done = 0
        for protocol in self._editions:
            for activated_at in self._editions.between(protocol, BEGINNING, reached):
                while number := self._follow(protocol, activated_at):
                    done += number
        return done

    def _follow(self, protocol: str, activated_at: int) -> int:
        """What the rules fail on is tried again when the process starts anew; until then it is plain that it waits."""
        with self._transaction(_horizon(activated_at)) as batch:
            waiting = behind(batch.connection, protocol, activated_at, _TREATMENTS + len(self._stuck))
            names = [name for name in waiting if name not in self._stuck]
            self._stuck |= batch.follow(names, activated_at)
        return len(names)

    def reread(self, name: str, fetch: Callable[[str, int], Sequence[Delivery]]) -> Projected:
        """Forgets one treatment and projects it anew from the feed; what was announced of it is not told again."""
        deliveries = fetch(name, 0)
        with self._transaction(0) as batch:
            batch.forget(name)
            batch.parking.write(micros(self._clock.now()))
            # Every process lets go of what it has in memory of it.
            batch.connection.execute(update(stream).values(generation=batch.numbering.generation + 1))
        return self.project(deliveries, in_order=False)

    @contextmanager
    def _transaction(self, horizon: int, *, in_order: bool = True) -> Iterator[Batch]:
        with self._lock:
            with self.database.write() as connection:
                numbering = lock_stream(connection)
                refresh(connection, self._editions)
                if numbering.generation != self._generation:
                    self._states.clear()
                    self._generation = numbering.generation
                batch = Batch(
                    connection=connection,
                    numbering=numbering,
                    editions=self._editions,
                    states=self._states,
                    parking=Parking(connection),
                    announce=self._announce,
                    publish=self._publish,
                    in_order=in_order,
                    horizon=horizon,
                )
                yield batch
                batch.write()
            self._states.keep(batch.touched.values())
        self._told(batch.told)


def _versions(connection: Connection, names: Collection[str]) -> dict[str, int]:
    if not names:
        return {}
    query = select(treatment.c.treatment, treatment.c.version).where(treatment.c.treatment.in_(names))
    reached = {row.treatment: int(row.version) for row in connection.execute(query)}
    return {name: reached.get(name, 0) for name in names}


def _horizon(microseconds: int) -> int:
    """A day that is nowhere passed yet at that instant."""
    return (EPOCH + timedelta(microseconds=microseconds) + _DAY).toordinal()


def _letters(source: str, deliveries: Sequence[Delivery]) -> list[letters.Letter]:
    return [
        letters.Letter(source, d.mark.partition, d.mark.position, d.key, d.value, d.content.reason)
        for d in deliveries
        if isinstance(d.content, Unreadable)
    ]
