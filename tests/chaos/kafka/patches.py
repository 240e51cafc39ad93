"""What a control takes away, and what makes a process older or its messages worse than they are; by name."""

import itertools
from typing import Any


def old_vocabulary() -> None:
    """A monitoring service from before vaccinations were facts."""
    from services.monitoring import facts

    facts._DECODERS.pop("VaccineAdministered", None)


def damaged_in_kafka() -> None:
    """A relay whose every 97th fact of an exam arrives torn, though it is whole in the log."""
    from services.course import publishing

    whole, number = publishing.fact_message, itertools.count(1)

    def torn(item: Any, traceparent: str | None = None) -> Any:
        message = whole(item, traceparent)
        return message._replace(value=message.value[:-9]) if next(number) % 97 == 0 else message

    publishing.fact_message = torn


def no_dead_letters() -> None:
    """What can't be read is an error, as in a consumer that trusts its topic."""
    from services.monitoring.facts import Unreadable
    from services.monitoring.transport import kafka

    reading = kafka._delivery

    def strict(record: Any) -> Any:
        delivery = reading(record)
        if isinstance(delivery.content, Unreadable):
            raise ValueError(delivery.content.reason)
        return delivery

    kafka._delivery = strict


def topics_have_no_id() -> None:
    """Nobody notices that a topic was made anew: a name is a name."""
    from services.course import publishing, relay
    from services.monitoring.transport import topics

    always = "00000000-0000-4000-8000-000000000000"
    described, make = publishing._described, relay.make_topics
    publishing._described = lambda admin: {
        name: found | {"topic_id": always, "error_code": 0} for name, found in described(admin).items()
    }
    relay.make_topics = lambda bootstrap: make(bootstrap) and always
    topics.Topic.look = lambda self: None
    found = topics.Topic._described
    topics.Topic._described = lambda self: (always, found(self)[1])


def quick_lease() -> None:
    """Takes nothing away: a silent relay loses its lease within three seconds instead of 30."""
    from services.course import lease

    lease.SILENT = 3


def quick_group() -> None:
    """Takes nothing away: Kafka and PostgreSQL give up a silent consumer within three seconds instead of 10 and 20."""
    from services.monitoring import commands
    from services.monitoring.transport import kafka

    make = kafka.KafkaConsumer

    def quick(**settings: Any) -> Any:
        return make(**{**settings, "session_timeout_ms": 3000, "heartbeat_interval_ms": 500})

    kafka.KafkaConsumer = quick
    commands._CONSUMING = {"idle_in_transaction_session_timeout": "3s"}


def no_fence() -> None:
    """Every relay sends as soon as it starts, and moves the checkpoint whoever else has moved it."""
    from sqlalchemy import text

    from services.course import lease

    take: Any = lease.Lease.take.__func__  # type: ignore[attr-defined] # a class method's function
    lease._MOVE = text("update relay set position = :position, beat_at = :beat_at where id = 1 and :epoch > 0")
    granted = text("select true where :key <> 0")

    def unlocked(cls: Any, engine: Any, topic_id: str) -> Any:
        locked, lease.text = lease.text, lambda _: granted
        try:
            return take(cls, engine, topic_id)
        finally:
            lease.text = locked

    lease.Lease.take = classmethod(unlocked)  # type: ignore[method-assign, assignment] # a control takes it away
    lease.SILENT = 3600


def effect_and_checkpoint_apart() -> None:
    """The projection's checkpoint in a transaction of its own, and whatever is delivered again counts again."""
    from tests.chaos import without

    without.one_transaction()


def tells_its_end() -> None:
    """Takes nothing away: writes the exit code below what a command said, for nobody can wait for a forked one."""
    import os

    from tests.chaos.kafka.stage import ENDED

    leave = os._exit

    def end(code: int) -> None:
        os.write(2, f"{ENDED}{code}".encode())
        leave(code)

    os._exit = end


def in_its_network() -> None:
    """Takes nothing away: the process lives behind a wire of its own (tests.chaos.kafka.network)."""
    from tests.chaos.kafka import network

    network.enter()


def checkpoint_before_acknowledgement() -> None:
    """The relay writes down as sent what Kafka has not acknowledged, and gives up sending within two seconds."""
    from services.course import publishing
    from tests.chaos import without

    make = publishing.KafkaProducer

    def hasty(**settings: Any) -> Any:
        return make(**{**settings, "delivery_timeout_ms": 2000, "request_timeout_ms": 1000, "max_block_ms": 1000})

    publishing.KafkaProducer = hasty
    without.acknowledgement()
