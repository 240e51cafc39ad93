"""Facts that nobody recorded, taken as if they had been: read as the course service reads them, and never stored."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from services.monitoring.rules.facts import Fact
from shared.contracts.v1.facts import FactData
from shared.json_shapes import check
from shared.posted_facts import FactBody, check_fact, normal_data, normal_reference
from shared.problems import FieldError
from shared.strict_json import InvalidJson, check_depth, parse
from shared.texts import read_instant

MOST_FACTS = 100
_ONE_MICROSECOND = timedelta(microseconds=1)


class SimulationBody(Struct, frozen=True):
    """`POST …/simulate`; each of the facts as `POST …/events` takes it."""

    facts: Annotated[list[Any], Meta(min_length=1, max_length=MOST_FACTS)]


class Posted(Struct, frozen=True):
    """One hypothetical fact as it was sent."""

    body: FactBody
    data: FactData


def read_posted(body: bytes) -> tuple[Posted, ...]:
    """Pointers lead to the fact and its field (`/facts/0/data/dose_mg`). Raises MalformedJson and InvalidJson."""
    parsed = parse(body)
    errors: list[FieldError] = [*parsed.errors]
    check(parsed.value, SimulationBody, "", errors)
    kinds: list[type[FactData] | None] = []
    facts = parsed.value.get("facts") if isinstance(parsed.value, dict) else None
    for index, fact in enumerate(facts[:MOST_FACTS] if isinstance(facts, list) else ()):
        kinds.append(check_fact(fact, FactBody, f"/facts/{index}", errors))
    if errors or not isinstance(facts, list):
        check_depth(body, parsed)
        raise InvalidJson(errors)
    return tuple(
        Posted(msgspec.convert(fact, FactBody), normal_data(msgspec.convert(fact["data"], kind)))
        for fact, kind in zip(facts, kinds, strict=True)
        if kind is not None
    )


def as_recorded(posted: Sequence[Posted], known: Sequence[Fact], now: datetime) -> Iterator[Fact]:
    """The facts as the log would have taken them at `now`, after those that are known; `known` is not empty."""
    last = known[-1]
    recorded = max(now, last.recorded_at)
    for number, one in enumerate(posted, start=1):
        recorded = max(recorded, last.recorded_at + number * _ONE_MICROSECOND)
        said = one.body
        yield Fact(
            fact_id=f"hypothetical-{number}",
            treatment=last.treatment,
            version=last.version + number,
            position=last.position + number,
            data=one.data,
            occurred_at=None if said.occurred_at is None else read_instant(said.occurred_at),
            occurred_on=said.occurred_on,
            zone=said.zone,
            issued_at=None if said.issued_at is None else read_instant(said.issued_at),
            recorded_at=recorded,
            business_id=said.business_id,
            corrects=normal_reference(said.corrects),
        )
        recorded += _ONE_MICROSECOND
