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

    described, make = publishing._described, relay.make_topics
    publishing._described = lambda admin: described(admin) | {"topic_id": "the topic"}
    relay.make_topics = lambda bootstrap: make(bootstrap) and "the topic"
    topics.Topic.look = lambda self: None
    found = topics.Topic._described
    topics.Topic._described = lambda self: ("the topic", found(self)[1])
