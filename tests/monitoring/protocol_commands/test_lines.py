"""Every key, table and entry of a TOML text has its line, though tomllib tells none."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.monitoring.toml_lines import Path as Steps
from services.monitoring.toml_lines import lines_of
from services.monitoring.written import PROTOCOLS


def places(value: object, steps: Steps = ()) -> Iterator[Steps]:
    """Every key and every entry, from the top."""
    if steps:
        yield steps
    if isinstance(value, dict):
        for key, said in value.items():
            yield from places(said, (*steps, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from places(one, (*steps, number))


@pytest.mark.parametrize("file", sorted(PROTOCOLS.rglob("*.toml")), ids=lambda file: file.name)
def test_each_place_of_a_shipped_protocol_has_the_line_on_which_its_key_stands(file: Path) -> None:
    text = file.read_text()
    lines = text.splitlines()
    found = lines_of(text)
    assert set(found) == set(places(tomllib.loads(text)))
    for steps, line in found.items():
        if isinstance(steps[-1], str):
            assert steps[-1] in lines[line - 1], steps


def test_strings_comments_and_nested_lists_do_not_lead_astray() -> None:
    text = '''# [[not]]
a.b = "x # ] } = y" # [c]
text = """
[no] = table
\\""" still "quoted" """
raw = \'\'\'
key = 1 \'\'\'
list = [ # one
  { k = "]", "quoted key" = [1, 2] },
  [ "a",
    'b' ],
]
[[table]]
[table.sub]
deep = 2024-01-02 03:04:05
[[table.more]]
x = 1
[[table]]
'''
    found = lines_of(text)
    assert set(found) == set(places(tomllib.loads(text)))
    assert {steps: found[steps] for steps in [("a", "b"), ("text",), ("raw",), ("list", 0, "quoted key", 1)]} == {
        ("a", "b"): 2,
        ("text",): 3,
        ("raw",): 6,
        ("list", 0, "quoted key", 1): 9,
    }
    assert [found["list", 1, 1], found["table", 0], found["table", 0, "sub", "deep"]] == [11, 13, 15]
    assert [found["table", 0, "more", 0, "x"], found["table", 1]] == [17, 18]
