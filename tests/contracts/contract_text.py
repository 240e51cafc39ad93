"""The examples of docs/contract.md, as the tests run them: every fenced block, by the section it stands in."""

import json
import re
from pathlib import Path
from typing import Any

_TEXT = (Path(__file__).parents[2] / "docs" / "contract.md").read_text()
_PARTS = re.compile(r"^#{2,3} ([0-9.]+)[^\n]*$|^```(json)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str, str]]:
    """Section number, language ("json" or nothing) and text of each block."""
    found, section = [], ""
    for part in _PARTS.finditer(_TEXT):
        if part[1]:
            section = part[1].rstrip(".")
        else:
            found.append((section, part[2] or "", part[3]))
    return found


def example(section: str, number: int = 0) -> Any:
    """The n-th JSON block of a section."""
    return json.loads([text for where, kind, text in blocks() if where == section and kind == "json"][number])


def plain(section: str) -> str:
    """The block of a section that is not JSON."""
    (text,) = [text for where, kind, text in blocks() if where == section and not kind]
    return text
