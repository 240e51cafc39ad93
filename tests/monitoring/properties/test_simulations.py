"""What a simulation says of facts is what is answered once they are really posted, whatever they are."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from services.monitoring.reading.clocks import Clocks
from services.monitoring.reading.hypothetical import as_recorded, read_posted
from services.monitoring.reading.simulation import Simulation, simulated
from services.monitoring.rules.comparing import difference, look
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment
from shared.contracts.v1.facts import TreatmentOpened
from tests.monitoring.properties.histories import histories, questions
from tests.scenario import EDITION

CLOCKS = Clocks(None, None, None, "", "", "us", "")


def posted(fact: Fact) -> dict[str, Any]:
    """The body with which the course service took it."""
    body = {
        "type": fact.type,
        "occurred_at": fact.occurred_at.isoformat() if fact.occurred_at else None,
        "occurred_on": fact.occurred_on,
        "zone": fact.zone,
        "source": "urn:test",
        "author": "tester",
        "business_id": fact.business_id,
        "corrects": fact.corrects,
        "issued_at": fact.issued_at.isoformat() if fact.issued_at else None,
        "data": fact.data,
    }
    return {name: value for name, value in body.items() if value is not None}


def drawn(count: int, seed: int) -> Iterator[tuple[list[Fact], list[Fact], date]]:
    """What is known, the next facts of the log (none of which is named before it is there), and a day."""
    for history in histories(count, seed=seed):
        rng = random.Random(history.treatment)
        place = rng.randrange(1, len(history.facts))
        ((on, _),) = questions(history, rng, 1)
        known, later = history.facts[:place], []
        told = msgspec.json.encode([posted(fact) for fact in known]).decode()
        for fact in history.facts[place : place + rng.choice((1, 1, 3, 5))]:
            text = msgspec.json.encode(posted(fact)).decode()
            # Nobody can name by its id what is not recorded yet.
            named_before = fact.fact_id in told or any(one.fact_id in text for one in later)
            if not isinstance(fact.data, TreatmentOpened) and not named_before:
                later.append(fact)
                told += text
        yield known, later, on


def both(known: list[Fact], later: list[Fact], on: date) -> tuple[Simulation, Simulation]:
    """Thought through, and really recorded at the same instants."""
    body = msgspec.json.encode({"facts": [posted(fact) for fact in later]})
    hypothetical = list(as_recorded(read_posted(body), known, later[0].recorded_at))
    real = [
        replace(fact, recorded_at=thought.recorded_at, version=thought.version, position=thought.position)
        for fact, thought in zip(later, hypothetical, strict=True)
    ]
    before = Treatment(EDITION, known)
    thought, recorded = (
        simulated(CLOCKS, before, Treatment(EDITION, [*known, *facts]), on) for facts in (hypothetical, real)
    )
    return thought, recorded


def named(said: Simulation, later: list[Fact]) -> Simulation:
    """With the ids that the facts have in the log."""
    text = msgspec.json.encode(said).decode()
    for number, fact in reversed(list(enumerate(later, start=1))):
        text = text.replace(f"hypothetical-{number}", fact.fact_id)
    return msgspec.json.decode(text, type=Simulation)


def test_a_simulation_says_what_is_answered_after_really_posting() -> None:
    changed = 0
    for known, later, on in drawn(70, seed=21):
        if later:
            thought, recorded = both(known, later, on)
            assert named(thought, later) == recorded
            changed += bool(recorded.slots)
    assert changed > 15


def test_its_two_sides_are_what_is_answered_without_and_with_the_facts() -> None:
    for known, later, on in drawn(20, seed=22):
        if later:
            thought, _ = both(known, later, on)
            body = msgspec.json.encode({"facts": [posted(fact) for fact in later]})
            after = Treatment(EDITION, [*known, *as_recorded(read_posted(body), known, later[0].recorded_at)])
            found = difference(look(Treatment(EDITION, known), on), look(after, on))
            assert [(one.obligation_id, one.before, one.after) for one in thought.slots] == [
                (one.obligation_id, one.before, one.after) for one in found.slots
            ]
            assert [one.requirement for one in thought.roll_ups] == [one.requirement for one in found.lines]
