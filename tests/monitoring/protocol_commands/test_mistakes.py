"""What is told of a spoiled protocol is what msgspec would refuse, all of it, and nothing else."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from services.monitoring.mistakes import mistakes_in
from services.monitoring.protocol_file import ProtocolFile
from services.monitoring.written import read_written

CONTENT = read_written("alemtuzumab-ms").content
NONSENSE = [7, 2.5, True, "nonsense", "2024-01-01", [], ["x"], {}, {"kind": "nonsense"}]


def tables(value: Any) -> Iterator[dict[str, Any]]:
    """Every table with something in it, but for facts' own data, of which any shape is allowed."""
    if isinstance(value, dict):
        if value:
            yield value
        for key, said in value.items():
            if key != "data":
                yield from tables(said)
    elif isinstance(value, list):
        for one in value:
            yield from tables(one)


def spoil(content: dict[str, Any], rng: random.Random) -> None:
    table = rng.choice(list(tables(content)))
    key = rng.choice(list(table))
    match rng.randrange(3):
        case 0:
            del table[key]
        case 1:
            table[f"{key}s"] = table.pop(key)
        case _:
            table[key] = rng.choice(NONSENSE)


def refused(content: dict[str, Any]) -> bool:
    try:
        msgspec.convert(content, ProtocolFile)
    except msgspec.ValidationError:
        return True
    return False


@pytest.mark.parametrize("seed", range(2))
def test_a_mistake_is_told_whenever_the_service_would_refuse(seed: int) -> None:
    rng = random.Random(seed)
    seen = {True: 0, False: 0}
    for _ in range(40):
        content = copy.deepcopy(CONTENT)
        spoil(content, rng)
        found = mistakes_in(content, ProtocolFile)
        assert bool(found) == refused(content), found
        seen[bool(found)] += 1
    assert min(seen.values()) > 0


def test_what_is_written_as_it_should_be_has_no_mistake() -> None:
    assert mistakes_in(CONTENT, ProtocolFile) == []


def test_every_mistake_is_told_at_once() -> None:
    content = copy.deepcopy(CONTENT)
    first, second = content["requirement"][:2]  # type: ignore[index]
    first["titel"] = first.pop("title")
    first["specimen"] = "Blod"
    second["timing"] = "monthly"
    del second["basis"]
    assert dict(mistakes_in(content, ProtocolFile)) == {
        ("requirement", 0, "specimen"): (
            '"Blod" is none of the words for it. Did you mean Blood? Write one of: Blood, Urine, Visit'
        ),
        ("requirement", 0, "titel"): "there is no such key here. Did you mean title?",
        ("requirement", 1, "timing"): '"monthly" is no table. Write it in braces: { … }',
        ("requirement", 1): "basis is missing. Write one of: label_us, policy, rems, seed, smpc_eu, unconfirmed",
    }
